import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { capturedFiles, hostTree } from '../support/host-tree.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const HOST = [
  '--numa=0-23,48-71;24-47,72-95',
  '--siblings=+48',
  '--nic=pci=0000:18:00.0,numa=0,mtu=9000,queues=2',
  '--vm-memory=0=16Gi,1=16Gi',
  '--cpu-vendor=intel',
];

/** A captured host whose NIC is on vfio-pci. */
function capturedHost(name: string, { vendor = 'GenuineIntel', flags = 'fpu pdpe1gb' } = {}): string {
  const cpuinfo = `processor\t: 0\nvendor_id\t: ${vendor}\nflags\t\t: ${flags}\n`;
  const links = { '/sys/bus/pci/devices/0000:00:02.0/driver': '../../../bus/pci/drivers/vfio-pci' };
  return hostTree({ ...capturedFiles(name), '/proc/cpuinfo': cpuinfo }, links);
}

interface PlanDocument {
  readonly version: number;
  readonly figures: Readonly<Record<string, { readonly value: string; readonly derivation: readonly string[] }>>;
  readonly hugepages: readonly { readonly node: number; readonly count: number }[];
  readonly commands: readonly { readonly title: string; readonly commands: readonly string[] }[];
}

function plan(...flags: readonly string[]): Promise<CliResult> {
  return runCli(['host', 'plan', ...flags]);
}

async function figures(...flags: readonly string[]): Promise<Record<string, string>> {
  const { stdout, stderr, exitCode } = await plan(...flags, '-o', 'json');
  expect([exitCode, stderr.replace(/^vhostguard: left to the kernel: .*\n/, '')]).toEqual([0, '']);
  const document = JSON.parse(stdout) as PlanDocument;
  return Object.fromEntries(Object.entries(document.figures).map(([name, { value }]) => [name, value]));
}

describe('host plan', () => {
  test('prints each figure with its derivation', async () => {
    const { exitCode, stdout, stderr } = await plan(...HOST, '--node', 'worker-0');
    expect([exitCode, stderr]).toEqual([0, '']);
    await expect(stdout).toMatchFileSnapshot('host-plan.golden.txt');
  });

  test('prints the same as JSON and YAML', async () => {
    const { stdout } = await plan(...HOST, '-o', 'json');
    const document = JSON.parse(stdout) as PlanDocument;
    expect(document.version).toBe(1);
    expect(document.figures['pmd-cpu-mask']?.value).toBe('2000002000002000002');
    expect(document.hugepages).toMatchObject([
      { node: 0, count: 20 },
      { node: 1, count: 17 },
    ]);
    for (const [name, { derivation }] of Object.entries(document.figures)) expect(derivation.length, name).toBeGreaterThan(0);
    expect(parse((await plan(...HOST, '-o', 'yaml')).stdout)).toEqual(document);
  });

  test('writes several in one run', async () => {
    const file = join(temporaryDirectory(), 'plan.sh');
    const { exitCode, stdout } = await plan(...HOST, '-o', `shell=${file}`, '--emit', 'udev');
    expect(readFileSync(file, 'utf8')).toMatch(/^#!\/bin\/sh\nset -eu\n/);
    expect(stdout).toContain('SUBSYSTEM=="vfio*", GROUP="hugetlbfs", MODE="0660"');
    expect(exitCode).toBe(0);
  });
});

describe('host plan -f', () => {
  const DESCRIPTION = `apiVersion: vhostguard.dev/v1alpha1
kind: HostDescription
node: worker-0
numa:
  - cpus: 0-23,48-71
    vmMemory: 16Gi
  - cpus: 24-47,72-95
    vmMemory: 16Gi
siblings: "+48"
nics:
  - pci: 0000:18:00.0
    numa: 0
    mtu: 9000
    queues: 2
cpuVendor: intel
`;

  function written(text: string): string {
    const file = join(temporaryDirectory(), 'host.yaml');
    writeFileSync(file, text);
    return file;
  }

  test('plans what the same flags plan', async () => {
    expect(await figures('-f', written(DESCRIPTION))).toEqual(await figures(...HOST));
  });

  test('takes the description that the documentation shows', async () => {
    const [, example = ''] = /```yaml\n(apiVersion: vhostguard[^`]*)```/.exec(readFileSync('docs/ovs-dpdk-node.md', 'utf8')) ?? [];
    expect(await figures('-f', written(example))).toMatchObject({ 'pmd-cpus': '1,25,49,73', 'dpdk-socket-mem': '4096,1024' });
  });

  test('lets flags go before the file', async () => {
    const changed = await figures('-f', written(DESCRIPTION), '--page-size', '2Mi', '--vm-memory', '1=0');
    expect(changed).toMatchObject({ 'pmd-cpus': '1,49', 'kernel-arguments': expect.stringContaining('hugepagesz=2M') });
  });

  test.for([
    ['mtu: 9000', 'mtu: 9729', ':13:10: key "nics[0].mtu": NIC "0000:18:00.0": mtu must be between 68 and 9702 bytes, not 9729'],
    ['cpus: 24-47', 'cpus: 20-47', ':7:11: key "numa[1].cpus": NUMA nodes 0 and 1 overlap in CPUs 20-23'],
    ['queues: 2', 'queue: 2', 'key "nics[0].queue": unknown key, did you mean "queues"?'],
    ['cpuVendor: intel', 'pmdCpuMask: 12', 'key "pmdCpuMask": must be a string, not 12'],
    ['kind: HostDescription', 'kind: Host', 'key "kind": must be "HostDescription"'],
    ['vmMemory: 16Gi', 'vmMemory: 500Mi', 'VM memory of NUMA node 0 must be a multiple of the page size 1Gi, not "500Mi"'],
    ['numa:', 'numa: [', 'host.yaml:'],
  ] as const)('refuses %s as %s with its line', async ([right, wrong, message]) => {
    const { exitCode, stdout, stderr } = await plan('-f', written(DESCRIPTION.replace(right, wrong)));
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test('refuses a file that is not there', async () => {
    const { exitCode, stderr } = await plan('-f', join(temporaryDirectory(), 'none.yaml'));
    expect(stderr).toContain('there is no such file');
    expect(exitCode).toBe(2);
  });
});

describe('host plan --from-host', () => {
  test('reads nodes, siblings, vendor and the NIC on vfio-pci of a real kernel', async () => {
    const root = capturedHost('two-numa-iommu-1g');
    const found = await figures('--from-host', root, '--vm-memory', '0=1Gi,1=1Gi', '--page-size', '2Mi');
    expect(found).toMatchObject({ 'pmd-cpus': '1,5', 'pmd-cpu-mask': '22', 'reserved-cpus': '0,4', 'vm-cpus': '2-3,6-7' });
    expect(found['kernel-arguments']).toContain('intel_iommu=on');
    const { stdout } = await plan('--from-host', root, '-o', 'shell');
    expect(stdout).toContain('driverctl set-override 0000:00:02.0 vfio-pci');
  });

  test('says which core cannot poll where the kernel has only that of CPU 0', async () => {
    const { exitCode, stderr } = await plan('--from-host', capturedHost('seed-literal-args'));
    expect(stderr).toContain('NUMA node 0 has 0 whole cores for PMDs and 1 are wanted: its CPUs are 0-1');
    expect(exitCode).toBe(2);
  });

  test('knows AMD, and pages of 2 MiB where there are no others', async () => {
    const root = capturedHost('two-numa-iommu-1g', { vendor: 'AuthenticAMD', flags: 'sse' });
    const found = await figures('--from-host', root);
    expect(found['kernel-arguments']).toMatch(/^default_hugepagesz=2M hugepagesz=2M hugepages=\S+ iommu=pt isolcpus=/);
    const { exitCode, stderr } = await plan('--from-host', root, '--page-size', '1Gi');
    expect(stderr).toContain('the CPUs of this host have no pages of 1 GiB (no flag pdpe1gb)');
    expect(exitCode).toBe(2);
  });

  test('knows the driver that must stay', async () => {
    const root = capturedHost('two-numa-iommu-1g');
    const { stdout } = await plan('--from-host', root, '--nic', 'pci=0000:00:02.0,driver=mlx5_core', '-o', 'shell');
    expect(stdout).toContain('dpdk-devargs=0000:00:02.0');
    expect(stdout).not.toContain('driverctl');
  });

  test('refuses a NIC that is not there, and names those that are', async () => {
    const { exitCode, stderr } = await plan('--from-host', capturedHost('two-numa-iommu-1g'), '--nic', 'pci=0000:99:00.0');
    expect(stderr).toContain('the host has no device "0000:99:00.0"');
    expect(stderr).toContain('its network devices are 0000:00:02.0 (vfio-pci)');
    expect(exitCode).toBe(2);
  });

  test('refuses a directory without sysfs', async () => {
    const directory = temporaryDirectory();
    const { exitCode, stderr } = await plan('--from-host', directory);
    const missing = `${directory}/sys/devices/system/cpu/online`;
    expect(stderr).toContain(`cannot read the host at ${directory}: ${missing}: there is no such file or directory`);
    expect(exitCode).toBe(3);
  });
});

describe('host plan of a captured host', () => {
  async function captured(change: (text: string) => string = (text) => text): Promise<{ readonly root: string; readonly file: string }> {
    const root = capturedHost('two-numa-iommu-1g');
    const file = join(temporaryDirectory(), 'snapshot.yaml');
    const { exitCode, stdout } = await runCli(['host', 'snapshot', '--root', root]);
    expect(exitCode).toBe(0);
    writeFileSync(file, change(stdout));
    return { root, file };
  }

  test('is that of the host itself, with the NICs and the flags that are asked for', async () => {
    const { root, file } = await captured();
    const flags = ['--vm-memory', '0=1Gi,1=1Gi', '--page-size', '2Mi', '--nic', 'pci=0000:00:02.0,mtu=9000', '-o', 'json'];
    const { exitCode, stdout, stderr } = await plan('-f', file, ...flags);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse((await plan('--from-host', root, ...flags)).stdout));
  });

  test('is not made of a snapshot of another form, or one that does not know its CPUs', async () => {
    const other = await captured((text) => text.replace('  version: 1\n', '  version: 2\n'));
    const version = await plan('-f', other.file);
    expect(version.stderr).toMatch(/snapshot\.yaml:7:12: key "spec\.version": must be 1, the form that this vhostguard knows, not 2\n/);
    expect(version.exitCode).toBe(2);
    const newer = await captured((text) => text.replace('vhostguard.dev/v1alpha1', 'vhostguard.dev/v9'));
    const form = await plan('-f', newer.file);
    expect(form.stderr).toMatch(
      /key "apiVersion": must be vhostguard\.dev\/v1alpha1, the form that this vhostguard knows, not vhostguard\.dev\/v9\n/,
    );
    expect(form.exitCode).toBe(2);
    const blind = await captured((text) =>
      text.replace(/ {2}numaNodes:\n(?: {2}[ -] .*\n)+/, '  numaNodes: { unknown: permission denied }\n'),
    );
    const nodes = await plan('-f', blind.file);
    expect(nodes.stderr).toContain('spec.numaNodes is not known: permission denied');
    expect(nodes.stderr).toContain('capture the host again');
    expect(nodes.exitCode).toBe(3);
  });

  test('is of one host', async () => {
    const { root, file } = await captured();
    const { exitCode, stderr } = await plan('-f', file, '--from-host', root);
    expect(stderr).toContain('is a snapshot of a host, and --from-host names another');
    expect(exitCode).toBe(2);
  });
});

describe('bad input of host plan', () => {
  const without = (flag: string) => HOST.filter((word) => !word.startsWith(flag));

  test.for<[string, readonly string[], string]>([
    [
      'a mask where a list belongs',
      [...without('--numa'), '--numa', 'c00000c;24-47'],
      '"c00000c" is a mask, and a CPU list is needed: write 2-3,26-27',
    ],
    ['a list where a mask belongs', [...HOST, '--pmd-cpu-mask', '2,3'], '"2,3" is a CPU list, and a mask is needed'],
    ['0x', [...HOST, '--pmd-cpu-mask', '0xc00000c'], 'must be without 0x: write c00000c'],
    ['odd digits', [...HOST, '--pmd-cpu-mask', 'zz'], 'which is no hexadecimal digit'],
    ['absent CPUs', [...HOST, '--pmd-cpus', '2,96'], 'the PMD CPUs: the host has no CPU 96: it has 0-95'],
    ['both list and mask', [...HOST, '--pmd-cpus', '1,49', '--pmd-cpu-mask', '2'], 'given twice, as a list and as a mask'],
    ['more entries than nodes', [...HOST, '--socket-mem', '1024,1024,1024'], 'dpdk-socket-mem has 3 entries and the host has 2 NUMA nodes'],
    ['an entry that is none', [...HOST, '--socket-mem', '1G'], '"1G" is no number'],
    ['MTU 0', [...HOST, '--nic', 'pci=0000:18:00.1,numa=0,mtu=0'], 'mtu must be between 68 and 9702 bytes, not 0'],
    ['MTU 9729', [...HOST, '--nic', 'pci=0000:18:00.1,numa=0,mtu=9729'], 'mtu must be between 68 and 9702 bytes, not 9729'],
    ['overlapping nodes', [...without('--numa'), '--numa', '0-24,48-71;24-47,72-95'], 'NUMA nodes 0 and 1 overlap in CPUs 24'],
    ['a NIC on no node', [...HOST, '--nic', 'pci=0000:18:00.1,numa=2'], 'there is no NUMA node 2: the host has 0, 1'],
    ['a NIC twice', [...HOST, '--nic', 'pci=0000:18:00.0,numa=0'], 'is named twice'],
    ['a NIC without domain', [...HOST, '--nic', 'pci=18:00.1,numa=0'], 'must be a PCI address with its domain: 0000:18:00.1'],
    ['a NIC without node', [...HOST, '--nic', 'pci=0000:18:00.1'], 'its NUMA node is missing'],
    ['an unknown key', [...HOST, '--nic', 'pci=0000:18:00.1,queue=2'], 'did you mean queues'],
    ['VMs on no node', [...HOST, '--vm-memory', '7=1Gi'], 'there is no NUMA node 7: the host has 0, 1'],
    ['memory that is none', [...without('--vm'), '--vm-memory', '0=lots'], 'must be a quantity such as 16Gi, not "lots"'],
    ['siblings that do not pair', [...without('--sib'), '--siblings', '+1000'], 'pairs CPU 0 with 1000, which is absent'],
    ['siblings across nodes', [...without('--sib'), '--siblings', '+24'], 'lie in NUMA nodes 0 and 1'],
    ['siblings left out', [...without('--sib'), '--siblings', '0,48'], 'siblings leave out CPUs 1-47,49-95'],
    ['no siblings', without('--sib'), 'which CPUs share a core is not known'],
    ['no vendor', without('--cpu-vendor'), 'the CPU vendor must be intel or amd'],
    ['no nodes', without('--numa'), 'the host has no NUMA node'],
    ["the CNI's directory", [...HOST, '--socket-directory', '/var/lib/vhost_sockets'], 'where the CNI keeps its own mounts'],
    ['a long directory', [...HOST, '--socket-directory', `/${'d'.repeat(66)}`], 'must have at most 66 bytes'],
    ['a directory with a quote', [...HOST, '--socket-directory', "/a'b"], 'must be an absolute path'],
    ['a group without gid', [...HOST, '--group', 'hugetlbfs'], 'must be written NAME:GID'],
    ['a bridge with a blank', [...HOST, '--bridge', 'br 0'], 'the bridge must have a name'],
    ['a page size', [...HOST, '--page-size', '1G'], 'must be 1Gi or 2Mi, not "1G"'],
    ['two results for stdout', [...HOST, '-o', 'json', '--emit', 'udev'], 'only one of -o and --emit can go to stdout'],
    ['an unknown artefact', [...HOST, '--emit', 'manifest'], 'did you mean manifests'],
    ['manifests without VMs', [...without('--vm'), '--emit', 'manifests'], 'cannot emit manifests: the plan has no memory for a VM'],
  ])('%s: exit code 2 and what is needed', async ([, flags, message]) => {
    const { exitCode, stdout, stderr } = await plan(...flags);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test('is told of all at once', async () => {
    const { stderr } = await plan('--numa', '0-3', '--nic', 'pci=x,mtu=0');
    for (const message of ['which CPUs share a core', 'CPU vendor', 'PCI address', 'mtu must be']) expect(stderr).toContain(message);
  });
});
