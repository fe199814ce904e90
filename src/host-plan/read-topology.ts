import { quote } from '../core/json.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { formatCpuList, type Parsed, parseCpuList } from './cpu-list.ts';
import type { NumaNode, PageSize, WrittenDescription, WrittenNode } from './description.ts';
import { PAGE_BYTES } from './description.ts';
import type { Problems } from './problems.ts';

/** The NUMA nodes of a description, ascending by id. */
export function readNodes(written: readonly WrittenNode[], pageSize: PageSize, problems: Problems): NumaNode[] {
  const nodes = written.flatMap((node, index) => {
    const cpus = parseCpuList(node.cpus);
    if ('problem' in cpus) problems.add(['numa', index, 'cpus'], `the CPUs of NUMA node ${node.id ?? index}: ${cpus.problem}`);
    const id = node.id ?? index;
    const vmMemoryBytes = readMemory(node, { id, index, pageSize }, problems);
    return 'problem' in cpus ? [] : [{ id, cpus: cpus.value, vmMemoryBytes, vmPorts: node.vmPorts ?? (vmMemoryBytes > 0 ? 1 : 0) }];
  });
  if (written.length === 0) problems.add(['numa'], 'the host has no NUMA node: give the CPUs of each, such as "0-23,48-71;24-47,72-95"');
  findOverlaps(nodes, problems);
  return nodes.sort((a, b) => a.id - b.id);
}

function readMemory(
  { vmMemory }: WrittenNode,
  { id, index, pageSize }: { readonly id: number; readonly index: number; readonly pageSize: PageSize },
  problems: Problems,
): number {
  if (vmMemory === undefined) return 0;
  const path = ['numa', index, 'vmMemory'];
  const bytes = parseQuantity(vmMemory.trim());
  if (bytes === undefined || bytes < 0n) {
    problems.add(path, `VM memory of NUMA node ${id} must be a quantity such as 16Gi, not ${quote(vmMemory)}`);
    return 0;
  }
  if (bytes % BigInt(PAGE_BYTES[pageSize]) !== 0n || bytes > Number.MAX_SAFE_INTEGER) {
    problems.add(path, `VM memory of NUMA node ${id} must be a multiple of the page size ${pageSize}, not ${quote(vmMemory)}`);
    return 0;
  }
  return Number(bytes);
}

function findOverlaps(nodes: readonly NumaNode[], problems: Problems): void {
  const owners = new Map<number, number>();
  const ids = new Set<number>();
  for (const [index, { id, cpus }] of nodes.entries()) {
    if (ids.has(id)) problems.add(['numa', index], `there are two NUMA nodes ${id}: give each its own id`);
    ids.add(id);
    const shared = cpus.filter((cpu) => owners.has(cpu));
    const [first] = shared;
    if (first !== undefined) {
      const message = `NUMA nodes ${owners.get(first)} and ${id} overlap in CPUs ${formatCpuList(shared)}: each CPU belongs to one node`;
      problems.add(['numa', index, 'cpus'], message);
    }
    for (const cpu of cpus) owners.set(cpu, id);
  }
}

/** The physical cores of a description: for each its CPUs. Every CPU of `nodes` is in exactly one. */
export function readCores(written: WrittenDescription['siblings'], nodes: readonly NumaNode[], problems: Problems): number[][] {
  const cpus = nodes.flatMap((node) => node.cpus).sort((a, b) => a - b);
  if (written === undefined) {
    problems.add(
      ['siblings'],
      'which CPUs share a core is not known, and a PMD needs whole cores: give the siblings as "+24" (n and n+24), "0,24;1,25;…" or "none"',
    );
    return [];
  }
  const cores = typeof written === 'string' ? readPattern(written, cpus) : readLists(written);
  if ('problem' in cores) {
    problems.add(['siblings'], `siblings: ${cores.problem}`);
    return [];
  }
  const found = problems.found.length;
  checkCores(cores.value, nodes, problems);
  return problems.found.length > found ? [] : cores.value.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

function readPattern(text: string, cpus: readonly number[]): Parsed<number[][]> {
  if (text.trim() === 'none') return { value: cpus.map((cpu) => [cpu]) };
  const [, offset] = /^\s*\+(\d{1,4})\s*$/.exec(text) ?? [];
  if (offset === undefined) return readLists(text.split(';'));
  const left = new Set(cpus);
  const cores: number[][] = [];
  for (const cpu of cpus) {
    if (!left.delete(cpu)) continue;
    const sibling = cpu + Number(offset);
    if (!left.delete(sibling)) return { problem: `"+${offset}" pairs CPU ${cpu} with ${sibling}, which is absent or already paired` };
    cores.push([cpu, sibling]);
  }
  return { value: cores };
}

function readLists(texts: readonly string[]): Parsed<number[][]> {
  const cores: number[][] = [];
  for (const text of texts) {
    const core = parseCpuList(text);
    if ('problem' in core) return core;
    cores.push([...core.value]);
  }
  return { value: cores };
}

function checkCores(cores: readonly (readonly number[])[], nodes: readonly NumaNode[], problems: Problems): void {
  const nodeOf = new Map(nodes.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id] as const)));
  const seen = new Set<number>();
  for (const core of cores) {
    const name = formatCpuList(core);
    const absent = core.filter((cpu) => !nodeOf.has(cpu));
    if (absent.length > 0) problems.add(['siblings'], `siblings ${name}: no NUMA node has CPU ${formatCpuList(absent)}`);
    const homes = new Set(core.flatMap((cpu) => nodeOf.get(cpu) ?? []));
    if (homes.size > 1) problems.add(['siblings'], `siblings ${name} lie in NUMA nodes ${[...homes].join(' and ')}: a core is in one node`);
    const twice = core.filter((cpu) => seen.has(cpu));
    if (twice.length > 0) problems.add(['siblings'], `CPU ${formatCpuList(twice)} is in two cores: name each CPU once`);
    for (const cpu of core) seen.add(cpu);
  }
  const missing = [...nodeOf.keys()].filter((cpu) => !seen.has(cpu));
  if (missing.length > 0) problems.add(['siblings'], `siblings leave out CPUs ${formatCpuList(missing)}: name the core of every CPU`);
}
