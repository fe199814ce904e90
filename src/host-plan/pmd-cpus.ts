import { formatCpuList, type Parsed, toCpuMask } from './cpu-list.ts';
import type { HostDescription, NumaNode } from './description.ts';

/** CPUs that were chosen, and why those. */
export interface ChosenCpus {
  readonly cpus: readonly number[];
  readonly because: readonly string[];
}

/** The NUMA nodes that need a PMD: those with a NIC of OVS or with VMs, whose queues would be polled across nodes otherwise. */
export function workingNodes({ numa, nics }: HostDescription): NumaNode[] {
  return numa.filter(({ id, vmMemoryBytes, vmPorts }) => vmMemoryBytes > 0 || vmPorts > 0 || nics.some((nic) => nic.numa === id));
}

/** The cores of a node, ascending. */
export function coresOf({ cores }: HostDescription, { cpus }: NumaNode): (readonly number[])[] {
  const own = new Set(cpus);
  return cores.filter(([first]) => first !== undefined && own.has(first));
}

/**
 * The CPUs of PMD threads: whole cores, on every NUMA node that has work, never the core of CPU 0, and the first core of a node
 * only where there is no other. The user's own choice is held to the same, but for the first core of a node.
 */
export function choosePmdCpus(description: HostDescription): Parsed<ChosenCpus> {
  const working = workingNodes(description);
  if (working.length === 0) {
    return { problem: 'there is nothing to poll: give at least one NIC, or the memory of the VMs on a NUMA node' };
  }
  if (description.pmdCpus !== undefined) return checkPmdCpus(description, description.pmdCpus, working);
  const cpus: number[] = [];
  const because: string[] = [];
  for (const node of working) {
    const cores = pickCores(description, node);
    if ('problem' in cores) return cores;
    const chosen = cores.value.flat();
    cpus.push(...chosen);
    because.push(`NUMA node ${node.id} (${describeWork(description, node)}): ${describeCores(cores.value)}`);
  }
  const idle = description.numa.filter((node) => !working.includes(node)).map(({ id }) => id);
  if (idle.length > 0) because.push(`NUMA node ${idle.join(', ')} has neither NICs nor VMs, so no PMD`);
  because.push('whole cores, because a thread beside a PMD takes half of its speed; never that of CPU 0, which serves the kernel');
  return { value: { cpus: cpus.sort((a, b) => a - b), because } };
}

function pickCores(description: HostDescription, node: NumaNode): Parsed<(readonly number[])[]> {
  const { pmdCores, reservedCpus = [] } = description;
  const free = coresOf(description, node).filter((core) => !core.includes(0) && !core.some((cpu) => reservedCpus.includes(cpu)));
  const [first] = coresOf(description, node);
  const preferred = free.filter((core) => core !== first);
  const picked = [...preferred, ...free.filter((core) => core === first)].slice(0, pmdCores);
  if (picked.length === pmdCores) return { value: picked };
  return {
    problem: `NUMA node ${node.id} has ${free.length} whole cores for PMDs and ${pmdCores} are wanted: its CPUs are ${formatCpuList(node.cpus)}, of which those of CPU 0 and reserved ones stay with the host`,
  };
}

function describeWork({ nics }: HostDescription, { id, vmMemoryBytes, vmPorts }: NumaNode): string {
  const here = nics.filter((nic) => nic.numa === id).map(({ pci }) => `NIC ${pci}`);
  return [...here, ...(vmMemoryBytes > 0 || vmPorts > 0 ? ['VMs'] : [])].join(', ');
}

function describeCores(cores: readonly (readonly number[])[]): string {
  const listed = cores.map((core) => core.join(',')).join(' and ');
  return `${cores.length === 1 ? 'one core' : `${cores.length} cores`}, CPUs ${listed}`;
}

function checkPmdCpus(description: HostDescription, chosen: readonly number[], working: readonly NumaNode[]): Parsed<ChosenCpus> {
  const whole = description.cores.filter((core) => core.some((cpu) => chosen.includes(cpu)));
  const completed = whole.flat().sort((a, b) => a - b);
  if (completed.length > chosen.length) {
    const missing = completed.filter((cpu) => !chosen.includes(cpu));
    return {
      problem: `the PMD CPUs ${formatCpuList(chosen)} leave out the siblings ${formatCpuList(missing)}: with whole cores they are ${formatCpuList(completed)}, mask ${toCpuMask(completed)}`,
    };
  }
  if (completed.some((cpu) => cpu === 0)) return { problem: 'the PMD CPUs hold CPU 0, which serves the kernel: choose another core' };
  const reserved = completed.filter((cpu) => description.reservedCpus?.includes(cpu) === true);
  if (reserved.length > 0) return { problem: `CPUs ${formatCpuList(reserved)} are both reserved for the host and PMD CPUs: choose one` };
  const bare = working.find(({ cpus }) => !cpus.some((cpu) => completed.includes(cpu)));
  if (bare !== undefined) {
    return {
      problem: `the PMD CPUs ${formatCpuList(chosen)} are all outside NUMA node ${bare.id}, which has ${describeWork(description, bare)}: add a core of its CPUs ${formatCpuList(bare.cpus)}`,
    };
  }
  return { value: { cpus: completed, because: ['as given: whole cores, on every NUMA node with NICs or VMs, without CPU 0'] } };
}

/**
 * The CPUs that stay with the kernel, the kubelet and OVS's other threads: the first core of each NUMA node, as far as it does not poll.
 */
export function chooseReservedCpus(description: HostDescription, pmdCpus: readonly number[]): ChosenCpus {
  if (description.reservedCpus !== undefined) return { cpus: description.reservedCpus, because: ['as given'] };
  const cpus = description.numa.flatMap((node) => coresOf(description, node)[0] ?? []).filter((cpu) => !pmdCpus.includes(cpu));
  return {
    cpus: cpus.toSorted((a, b) => a - b),
    because: ["the first core of each NUMA node: the kernel's, the kubelet's and OVS's own threads"],
  };
}
