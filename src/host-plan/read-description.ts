import { quote } from '../core/json.ts';
import { DEFAULT_SETTINGS } from '../core/settings.ts';
import { formatCpuList, type Parsed, parseCpuList, parseCpuMask } from './cpu-list.ts';
import { type CpuVendor, type HostDescription, type NumaNode, PAGE_BYTES, type PageSize, type WrittenDescription } from './description.ts';
import { type DescriptionProblem, Problems } from './problems.ts';
import { PORT_NAME, readMtu, readNics, readQueues } from './read-nics.ts';
import { readSocketDirectory } from './read-socket-directory.ts';
import { readCores, readNodes } from './read-topology.ts';

/** The bridge of the how-to. */
const DEFAULT_BRIDGE = 'br-dpdk0';

/** A description whose parts fit each other, or everything that is wrong with it. */
export function readDescription(
  written: WrittenDescription,
): { readonly description: HostDescription } | { readonly problems: readonly DescriptionProblem[] } {
  const problems = new Problems();
  const pageSize = readPageSize(written.pageSize ?? '1Gi', problems);
  const numa = readNodes(written.numa ?? [], pageSize, problems);
  const vm = {
    mtu: readMtu(written.vmMtu ?? 1500, { name: 'the VMs', path: ['vmMtu'] }, problems),
    queues: readQueues(written.vmQueues ?? 1, { name: 'the VMs', path: ['vmQueues'] }, problems),
  };
  const description: HostDescription = {
    node: readNodeName(written.node, problems),
    numa,
    cores: readCores(written.siblings, numa, problems),
    nics: readNics(written.nics ?? [], numa, problems),
    pageSize,
    cpuVendor: readVendor(written.cpuVendor, problems),
    pmdCores: readPmdCores(written.pmdCores ?? 1, problems),
    pmdCpus: readPmdCpus(written, numa, problems),
    reservedCpus: readPresent(written.reservedCpus, { numa, key: 'reservedCpus' }, problems),
    socketMem: readSocketMem(written.socketMem, numa, problems),
    perPortMemory: written.perPortMemory ?? false,
    vm,
    bridge: readBridge(written.bridge ?? DEFAULT_BRIDGE, problems),
    socketDirectory: readSocketDirectory(written.socketDirectory, problems),
    group: readGroup(written.group, problems),
  };
  return problems.found.length > 0 ? { problems: problems.found } : { description };
}

function readPageSize(text: string, problems: Problems): PageSize {
  if (Object.hasOwn(PAGE_BYTES, text)) return text as PageSize;
  problems.add(['pageSize'], `the page size must be 1Gi or 2Mi, not ${quote(text)}`);
  return '1Gi';
}

function readVendor(text: string | undefined, problems: Problems): CpuVendor {
  if (text === 'intel' || text === 'amd') return text;
  const found = text === undefined ? 'it is not known' : `not ${quote(text)}`;
  problems.add(['cpuVendor'], `the CPU vendor must be intel or amd, because the kernel arguments differ: ${found}`);
  return 'intel';
}

function readNodeName(name: string | undefined, problems: Problems): string | undefined {
  if (name === undefined || (name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name))) return name;
  return problems.add(['node'], `the node must be named as in Kubernetes, in lower case letters, digits, "-" and ".", not ${quote(name)}`);
}

function readPmdCores(count: number, problems: Problems): number {
  if (!Number.isInteger(count) || count < 1) problems.add(['pmdCores'], `the PMD cores of a NUMA node must be at least 1, not ${count}`);
  return count;
}

function readPmdCpus(
  { pmdCpus, pmdCpuMask }: WrittenDescription,
  numa: readonly NumaNode[],
  problems: Problems,
): HostDescription['pmdCpus'] {
  if (pmdCpus !== undefined && pmdCpuMask !== undefined) {
    return problems.add(['pmdCpuMask'], 'the PMD CPUs are given twice, as a list and as a mask: leave one out');
  }
  if (pmdCpuMask === undefined) return readPresent(pmdCpus, { numa, key: 'pmdCpus' }, problems);
  return checkPresent(parseCpuMask(pmdCpuMask), { numa, key: 'pmdCpuMask' }, problems);
}

const NAMES = { pmdCpus: 'the PMD CPUs', pmdCpuMask: 'the PMD mask', reservedCpus: 'the reserved CPUs' } as const;

interface Presence {
  readonly numa: readonly NumaNode[];
  readonly key: keyof typeof NAMES;
}

function readPresent(text: string | undefined, presence: Presence, problems: Problems): readonly number[] | undefined {
  return text === undefined ? undefined : checkPresent(parseCpuList(text), presence, problems);
}

function checkPresent(cpus: Parsed<readonly number[]>, { numa, key }: Presence, problems: Problems): readonly number[] | undefined {
  if ('problem' in cpus) return problems.add([key], `${NAMES[key]}: ${cpus.problem}`);
  const present = new Set(numa.flatMap((node) => node.cpus));
  const absent = cpus.value.filter((cpu) => !present.has(cpu));
  if (numa.length === 0 || absent.length === 0) return cpus.value;
  const known = formatCpuList([...present]);
  return problems.add([key], `${NAMES[key]}: the host has no CPU ${formatCpuList(absent)}: it has ${known}`);
}

function readSocketMem(text: string | undefined, numa: readonly NumaNode[], problems: Problems): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const entries = text.split(',').map((entry) => entry.trim());
  const bad = entries.find((entry) => !/^\d{1,7}$/.test(entry));
  if (bad !== undefined) {
    return problems.add(['socketMem'], `dpdk-socket-mem must be MiB for each NUMA node, such as 1024,1024: ${quote(bad)} is no number`);
  }
  const sockets = numa.length === 0 ? entries.length : Math.max(...numa.map(({ id }) => id)) + 1;
  if (entries.length <= sockets) return entries.map(Number);
  const nodes = sockets === 1 ? 'the host has one NUMA node' : `the host has ${sockets} NUMA nodes`;
  return problems.add(
    ['socketMem'],
    `dpdk-socket-mem has ${entries.length} entries and ${nodes}: OVS would abort at its start, so give at most ${sockets}`,
  );
}

function readBridge(name: string, problems: Problems): string {
  if (!PORT_NAME.test(name)) problems.add(['bridge'], `the bridge must have a name of 1 to 15 letters and digits, not ${quote(name)}`);
  return name;
}

function readGroup(text: string | undefined, problems: Problems): HostDescription['group'] {
  const { name, gid } = DEFAULT_SETTINGS.group;
  if (text === undefined) return { name, gid };
  const [, group, number] = /^([a-z_][a-z0-9_-]{0,30}):(\d{1,9})$/.exec(text) ?? [];
  if (group !== undefined && Number(number) > 0) return { name: group, gid: Number(number) };
  problems.add(['group'], `the group must be written NAME:GID, as in ${name}:${gid}, not ${quote(text)}`);
  return { name, gid };
}
