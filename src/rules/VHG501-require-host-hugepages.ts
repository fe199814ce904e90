import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Host } from '../kube/host.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { HostNumaNode } from '../kube/host-machine.ts';
import { socketMiB } from './socket-memory.ts';

const GIB_KIB = 1024 * 1024;

export const requireHostHugepages = defineRule({
  meta: {
    id: 'VHG501',
    name: 'require-host-hugepages',
    title: 'Require hugepages on every NUMA node of the host',
    why: `OVS-DPDK keeps its packet buffers in hugepages, and so does each VM. With fewer on a NUMA node than \`dpdk-socket-mem\` asks for
there, ovs-vswitchd aborts. The kernel splits \`hugepages=N\` between the nodes as it can, reserves fewer without failing, and
\`/proc/meminfo\` counts only the default size: the files in \`/sys/devices/system/node\` tell. Pages of 1 GiB need the CPU flag \`pdpe1gb\`.`,
    remedy: `Add \`default_hugepagesz=1G hugepagesz=1G hugepages=N\` to the kernel's arguments (\`grubby --update-kernel=ALL --args="…"\`) and
reboot, or \`echo N > /sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages\` before memory is fragmented.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://www.kernel.org/doc/html/latest/admin-guide/mm/hugetlbpage.html',
      'https://docs.openvswitch.org/en/latest/intro/install/dpdk/',
    ],
    falsePositives: 'A NUMA node that is kept free of VMs and of DPDK NICs needs no hugepages: give it 0 in `dpdk-socket-mem`.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        - { sizeKiB: 1048576, total: 32, free: 20 }\n',
      bad: '        - { sizeKiB: 1048576, total: 0, free: 0 }\n',
    },
  },
  *check(host) {
    yield* requireGigabyteFlag(host);
    if (isUnread(host.numaNodes)) return yield host.numaNodes;
    const { configuration } = host.ovs;
    const wanted = isUnread(configuration) ? undefined : socketMiB(configuration.value, 'dpdk-socket-mem');
    const lacking = host.numaNodes.value.flatMap((node, index) => lackOf(node, wanted?.[index]));
    yield* lacking;
    if (lacking.length === 0) yield* requireAllPages(host, host.numaNodes.value);
  },
});

/** A node to which `dpdk-socket-mem` gives 0 is one that OVS does not work on, and neither do its VMs. */
function lackOf({ id, cpus, hugepages, hugepagesField }: HostNumaNode, wantedMiB: number | undefined): Violation[] {
  const totalMiB = hugepages.reduce((sum, { sizeKiB, total }) => sum + (sizeKiB * total) / 1024, 0);
  const { path } = hugepagesField;
  if (totalMiB === 0 && cpus.length > 0 && wantedMiB !== 0)
    return [{ path, message: `NUMA node ${id} has no hugepages: OVS and VMs there need some` }];
  if (totalMiB >= (wantedMiB ?? 0)) return [];
  return [{ path, message: `NUMA node ${id} has ${totalMiB} MiB of hugepages, and dpdk-socket-mem asks for ${wantedMiB} MiB there` }];
}

function* requireGigabyteFlag({ cpus, kernelArguments }: Host): Iterable<Violation> {
  if (isUnread(cpus) || isUnread(cpus.value.flags) || isUnread(kernelArguments)) return;
  const { flags, flagsField } = cpus.value;
  const asks = kernelArguments.value.words.some((word) => /^(?:default_)?hugepagesz=1G/i.test(word));
  if (asks && !flags.value.includes('pdpe1gb'))
    yield { path: flagsField.path, message: 'the kernel is asked for pages of 1 GiB, and this CPU has no flag pdpe1gb: use hugepagesz=2M' };
}

/** What the kernel was asked for at its start and could not reserve. Every size is 0 while only the default is named otherwise. */
function* requireAllPages({ kernelArguments }: Host, nodes: readonly HostNumaNode[]): Iterable<Violation> {
  if (isUnread(kernelArguments)) return;
  const { field, words } = kernelArguments.value;
  for (const [sizeKiB, asked] of askedPages(words)) {
    const pages = nodes.flatMap((node) => node.hugepages.filter((page) => page.sizeKiB === sizeKiB));
    const total = pages.reduce((sum, page) => sum + page.total, 0);
    if (total >= asked) continue;
    const size = sizeKiB === GIB_KIB ? '1 GiB' : `${sizeKiB / 1024} MiB`;
    const message = `the kernel was asked for ${asked} hugepages of ${size}, and the host has ${total}: free memory and reboot`;
    yield { path: field.path, severity: 'warning', message };
  }
}

/** `hugepages=` counts pages of the `hugepagesz=` before it; it may name nodes, as in `0:32,1:32`. */
function askedPages(words: readonly string[]): Map<number, number> {
  const asked = new Map<number, number>();
  let sizeKiB = 2048;
  for (const word of words) {
    const [, size, unit] = /^(?:default_)?hugepagesz=(\d{1,4})([MG])/i.exec(word) ?? [];
    if (size !== undefined) sizeKiB = Number(size) * (unit?.toUpperCase() === 'G' ? GIB_KIB : 1024);
    const [, counts] = /^hugepages=([\d:,]+)$/.exec(word) ?? [];
    if (counts !== undefined)
      asked.set(
        sizeKiB,
        counts.split(',').reduce((sum, part) => sum + Number(part.split(':').at(-1)), 0),
      );
  }
  return asked;
}
