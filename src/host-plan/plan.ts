import { DEFAULT_SETTINGS } from '../core/settings.ts';
import { type Parsed, toCpuMask } from './cpu-list.ts';
import type { HostDescription } from './description.ts';
import { countHugepages, type NodePages } from './hugepages.ts';
import { type KernelArguments, toKernelArguments } from './kernel-arguments.ts';
import { compareModels, type NodeMemory, perPortModel, sharedModel, toSocketMem, tripleoModel } from './memory.ts';
import { choosePmdCpus, chooseReservedCpus } from './pmd-cpus.ts';

/** CPUs of one purpose, and why those. */
export interface PlannedCpus {
  readonly cpus: readonly number[];
  readonly because: readonly string[];
}

/** Everything that a node needs for OVS-DPDK, with the derivation of each figure. */
export interface HostPlan {
  readonly description: HostDescription;
  readonly pmd: PlannedCpus & { readonly mask: string };
  readonly reserved: PlannedCpus;
  /** What is left for VMs with dedicated CPUs. */
  readonly vmCpus: readonly number[];
  readonly memory: {
    readonly shared: readonly NodeMemory[];
    readonly perPort: readonly NodeMemory[];
    readonly tripleo: readonly NodeMemory[];
    readonly differences: readonly string[];
    /** The value of `dpdk-socket-mem`, and of `dpdk-socket-limit`. */
    readonly socketMem: string;
    readonly because: readonly string[];
  };
  readonly pages: readonly NodePages[];
  readonly kernel: KernelArguments;
  readonly label: { readonly key: string; readonly value: string };
  /** What the reader must know or do besides. */
  readonly notes: readonly string[];
}

/** Computes the plan of a described host. A problem names what the description makes impossible. */
export function createPlan(description: HostDescription): Parsed<HostPlan> {
  const pmd = choosePmdCpus(description);
  if ('problem' in pmd) return pmd;
  const { cpus } = pmd.value;
  const reserved = chooseReservedCpus(description, cpus);
  const memory = planMemory(description, cpus.length);
  const pages = countHugepages(description, memory.chosen);
  const all = description.numa.flatMap((node) => node.cpus).sort((a, b) => a - b);
  const vmCpus = all.filter((cpu) => !cpus.includes(cpu) && !reserved.cpus.includes(cpu));
  const { label: key, value } = DEFAULT_SETTINGS.placement;
  return {
    value: {
      description,
      pmd: { ...pmd.value, mask: toCpuMask(cpus) },
      reserved,
      vmCpus,
      memory: memory.figures,
      pages,
      kernel: toKernelArguments(description, pages, cpus),
      label: { key, value },
      notes: [...memory.notes, ...findNotes(description, { reserved: reserved.cpus, vmCpus })],
    },
  };
}

function planMemory(
  description: HostDescription,
  pmds: number,
): {
  readonly figures: HostPlan['memory'];
  readonly chosen: readonly Pick<NodeMemory, 'node' | 'mib'>[];
  readonly notes: readonly string[];
} {
  const shared = sharedModel(description);
  const perPort = perPortModel(description, pmds);
  const tripleo = tripleoModel(description);
  const needed = description.perPortMemory ? perPort : shared;
  const given = description.socketMem?.map((mib, node) => ({ node, mib }));
  const short = needed.filter(({ node, mib }) => given !== undefined && (given[node]?.mib ?? 0) < mib);
  const model = description.perPortMemory
    ? 'as socket-mem-per-port: each port has a pool of its own (per-port-memory=true)'
    : 'as socket-mem-shared: the ports of one MTU class and NUMA node share a pool';
  return {
    figures: {
      shared,
      perPort,
      tripleo,
      differences: compareModels(shared, tripleo, description),
      socketMem: toSocketMem(given ?? needed),
      because: [given === undefined ? model : 'as given'],
    },
    chosen: given ?? needed,
    notes: short.map(
      ({ node, mib }) =>
        `dpdk-socket-mem gives NUMA node ${node} ${given?.[node]?.mib ?? 0} MiB and its pools need ${mib}: OVS halves the number of mbufs without a word`,
    ),
  };
}

function findNotes(
  { numa, nics }: HostDescription,
  { reserved, vmCpus }: { readonly reserved: readonly number[]; readonly vmCpus: readonly number[] },
): string[] {
  const starved = numa.filter(({ vmMemoryBytes, cpus }) => vmMemoryBytes > 0 && !cpus.some((cpu) => vmCpus.includes(cpu)));
  const kept = nics.filter(({ isBifurcated }) => isBifurcated).map(({ pci }) => pci);
  return [
    ...starved.map(({ id }) => `NUMA node ${id} has memory for VMs and no CPU left for them`),
    ...(reserved.length === 0 ? ['no CPU is left for the host itself'] : []),
    ...(nics.length === 0 ? ['no NIC is planned: the bridge connects VMs to each other only'] : []),
    ...(kept.length === 0 ? [] : [`NIC ${kept.join(', ')} keeps its kernel driver, which DPDK shares: bound to vfio-pci it would be lost`]),
    'the kubelet must reserve the PMD CPUs (reservedSystemCPUs), or its CPU manager gives them to VMs; strict-cpu-reservation keeps other pods off',
    'the kubelet counts the hugepages that OVS holds as free: leave that many out of what VMs may request on the node',
    'dpdk-init=true starts DPDK at once; a new dpdk-socket-mem, dpdk-socket-limit or per-port-memory needs a restart of ovs-vswitchd',
    'on Debian and Ubuntu select the build with DPDK: update-alternatives --set ovs-vswitchd /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk',
  ];
}
