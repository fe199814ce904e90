import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { snapshotOf, specOf } from '../support/gathered-host.ts';
import { capturedFiles, hostTree } from '../support/host-tree.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { asUnprivileged } from '../support/unprivileged.ts';

describe('a host', () => {
  test('with two NUMA nodes, an IOMMU and pages of two sizes is read as its kernel shows it', async () => {
    const spec = await specOf(hostTree(capturedFiles('two-numa-iommu-1g')));
    expect(spec.kernel).toEqual({
      arguments: [
        ...['hugepagesz=1G', 'hugepages=2', 'hugepagesz=2M', 'hugepages=64'],
        ...['intel_iommu=on', 'iommu=pt', 'isolcpus=managed_irq,domain,2-3,6-7', 'nohz_full=2-3,6-7'],
      ],
      selinux: 'disabled',
    });
    expect(spec.cpus).toEqual({
      online: [0, 1, 2, 3, 4, 5, 6, 7],
      cores: [[0], [1], [2], [3], [4], [5], [6], [7]],
      isolated: [2, 3, 6, 7],
      nohzFull: [2, 3, 6, 7],
      vendor: 'GenuineIntel',
      flags: ['pse', 'pdpe1gb'],
    });
    expect(spec.numaNodes).toEqual([
      { id: 0, cpus: [0, 1, 2, 3], memoryKiB: 1964112, hugepages: [pages(2048, 32, 32), pages(1048576, 0, 0)] },
      { id: 1, cpus: [4, 5, 6, 7], memoryKiB: 2061412, hugepages: [pages(2048, 32, 32), pages(1048576, 1, 1)] },
    ]);
    expect(spec.iommu).toMatchObject({
      units: ['dmar0'],
      groups: [{ id: 0, type: 'identity', devices: ['0000:00:00.0'] }, { id: 1 }, { id: 2 }, { id: 3, devices: { length: 3 } }],
    });
  });

  test('has the pages that the how-to asks for, which meminfo does not count', async () => {
    const { numaNodes } = await specOf(hostTree(capturedFiles('seed-literal-args')));
    expect(numaNodes).toMatchObject([{ hugepages: [pages(2048, 0, 0), pages(1048576, 0, 0)] }, { hugepages: [{}, pages(1048576, 2, 2)] }]);
  });

  test('has the sibling threads of each core together, and none that is offline', async () => {
    const files = Object.fromEntries(
      [0, 1, 4, 5].map((cpu) => [`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, `${cpu % 4},${(cpu % 4) + 4}\n`]),
    );
    const { cpus } = await specOf(hostTree({ ...files, '/sys/devices/system/cpu/online': '0-1,4\n' }));
    expect(cpus).toMatchObject({ online: [0, 1, 4], cores: [[0, 4], [1]] });
  });

  test('whose kernel says "(null)" of nohz_full has no such CPUs', async () => {
    const { cpus } = await specOf(hostTree({ '/sys/devices/system/cpu/online': '0', '/sys/devices/system/cpu/nohz_full': '  (null)\n' }));
    expect(cpus).toMatchObject({ nohzFull: [], isolated: [], vendor: { unknown: expect.any(String) } });
  });

  test('of which nothing can be read gives a snapshot that says so of each part', async () => {
    const { metadata, spec } = await snapshotOf(join(temporaryDirectory(), 'nothing'));
    const unknown = { unknown: expect.stringMatching(/no such file|no KubeletConfiguration|there is no/) };
    expect(metadata.name).toBe('host');
    expect(spec).toMatchObject({
      kernel: { arguments: unknown },
      cpus: unknown,
      numaNodes: unknown,
      iommu: unknown,
      pciDevices: unknown,
      kubelet: { configuration: unknown, cpuManagerState: unknown },
      ovs: { database: { state: 'absent' }, control: { state: 'absent' }, process: unknown, handshake: unknown, interfaces: unknown },
      vhostSockets: [],
      socketDirectories: [],
    });
  });

  test.each([
    ['/sys/devices/system/cpu/online', 'c00000c', 'cpus', /is a mask/],
    ['/sys/devices/system/cpu/online', '', 'cpus', /empty/],
    ['/sys/devices/system/node/node0/cpulist', '5-2', 'numaNodes', /backwards/],
    ['/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages', '-1', 'numaNodes', /whole number/],
  ] as const)('with %s that says %j leaves that part unknown, with why', async (path, text, part, why) => {
    const spec = await specOf(hostTree({ ...capturedFiles('two-numa-iommu-1g'), [path]: text }));
    expect(spec[part]).toEqual({ unknown: expect.stringMatching(why) });
    expect(spec.iommu).not.toHaveProperty('unknown');
  });

  test('without an IOMMU has no units, though it has sysfs', async () => {
    const files = capturedFiles('two-numa-iommu-1g');
    const without = Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes('iommu')));
    expect((await specOf(hostTree(without))).iommu).toEqual({ units: [], groups: [] });
  });

  test('with an empty /sys says nothing of its IOMMU, its CPUs and its devices, and names what is missing', async () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'sys'));
    const missing = (file: string) => ({ unknown: `${join(root, file)}: there is no such file or directory` });
    expect(await specOf(root)).toMatchObject({
      iommu: { unknown: '/sys is empty' },
      cpus: missing('sys/devices/system/cpu/online'),
      numaNodes: missing('sys/devices/system/node'),
      pciDevices: missing('sys/bus'),
    });
  });

  test('whose kernel knows no PCI has no such device', async () => {
    expect((await specOf(hostTree({ '/sys/bus/virtio/uevent': '' }))).pciDevices).toEqual([]);
  });
});

function pages(sizeKiB: number, total: number, free: number) {
  return { sizeKiB, total, free };
}

describe('a PCI device', () => {
  const NIC = '/sys/bus/pci/devices/0000:00:02.0';

  test('has the driver that its link names, whatever the override says', async () => {
    const files = { ...capturedFiles('two-numa-iommu-1g'), [`${NIC}/driver_override`]: 'vfio-pci\n', [`${NIC}/numa_node`]: '1\n' };
    const unbound = await specOf(hostTree(files));
    expect(unbound.pciDevices).toEqual([
      {
        address: '0000:00:02.0',
        isPresent: true,
        askedBy: ['class'],
        vendor: '0x8086',
        device: '0x10d3',
        class: '0x020000',
        driverOverride: 'vfio-pci',
        numaNode: 1,
      },
    ]);
    const links = { [`${NIC}/driver`]: '../../../../bus/pci/drivers/vfio-pci', [`${NIC}/iommu_group`]: '../../../kernel/iommu_groups/2' };
    const bound = await specOf(hostTree(files, links));
    expect(bound.pciDevices).toMatchObject([{ driver: 'vfio-pci', iommuGroup: 2 }]);
  });

  test('that the user asked for is there, of whatever class, or is said to be missing', async () => {
    const root = hostTree(capturedFiles('two-numa-iommu-1g'));
    const { pciDevices } = await specOf(root, { pciDevices: ['0000:00:01.0', '0000:5e:00.0'] });
    expect(pciDevices).toMatchObject([
      { address: '0000:00:01.0', askedBy: ['user'], class: '0x030000' },
      { address: '0000:00:02.0', askedBy: ['class'] },
      { address: '0000:5e:00.0', askedBy: ['user'], isPresent: false },
    ]);
  });
});

describe('a directory for sockets', () => {
  test('is described with its mode and what keeps it from being removed', async () => {
    const root = hostTree({ '/run/sockets/touched': '' });
    chmodSync(join(root, 'run/sockets'), 0o2775);
    const { socketDirectories } = await specOf(root, { socketDirectories: ['/run/sockets', '/run/none'] });
    expect(socketDirectories).toMatchObject([
      { path: '/run/none', file: { state: 'absent' }, entries: { unknown: expect.any(String) } },
      { path: '/run/sockets', file: { state: 'found', type: 'directory', mode: '2775' }, entries: [{ name: 'touched', type: 'file' }] },
    ]);
  });

  test('behind an absolute link is that of the host, not that of the container which looks', async () => {
    const root = hostTree({ '/run/sockets/touched': '' }, { '/var/run': '/run', '/loop/a': 'b', '/loop/b': 'a' });
    const { socketDirectories } = await specOf(root, { socketDirectories: ['/var/run/sockets', '/loop/a'] });
    expect(socketDirectories).toMatchObject([
      { path: '/loop/a', file: { unknown: expect.stringContaining('too many links') } },
      { path: '/var/run/sockets', entries: [{ name: 'touched' }] },
    ]);
  });

  test('that this user may not look into is unknown, and not absent', async () => {
    const root = hostTree({ '/run/sockets/inner/touched': '' });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'run/sockets'), 0o700);
    const isOwner = process.getuid?.() !== 0;
    if (isOwner) chmodSync(join(root, 'run/sockets'), 0o000);
    const { socketDirectories } = await asUnprivileged(() => specOf(root, { socketDirectories: ['/run/sockets/inner'] }));
    chmodSync(join(root, 'run/sockets'), 0o700);
    expect(socketDirectories).toMatchObject([{ file: { unknown: expect.stringContaining('is not permitted') } }]);
  });
});

test('a file of the host that is no file, or larger than any such file, is not waited for', async () => {
  const root = hostTree({ '/proc/cmdline': 'x'.repeat(9 * 1024 * 1024) });
  mkdirSync(join(root, 'proc/cpuinfo'));
  mkdirSync(join(root, 'sys/devices/system/cpu'), { recursive: true });
  writeFileSync(join(root, 'sys/devices/system/cpu/online'), '0');
  const { kernel, cpus } = await specOf(root);
  expect(kernel.arguments).toEqual({ unknown: expect.stringContaining('larger than') });
  expect(cpus).toMatchObject({ flags: { unknown: '/proc/cpuinfo is not a file' } });
});
