import { AppError } from '../core/errors.ts';
import { parseCpuList } from '../host-plan/cpu-list.ts';
import type { HostRoot } from './host-root.ts';
import type { CpuFacts, Hugepages, NumaNode } from './host-snapshot.ts';
import { isKnown, known } from './known.ts';

const CPUS = '/sys/devices/system/cpu';
const NODES = '/sys/devices/system/node';

/** Page sizes of 2 MiB and 1 GiB, virtualisation, and being virtual oneself. */
const FLAGS = new Set(['pse', 'pdpe1gb', 'vmx', 'svm', 'hypervisor']);

/** The CPUs of a host. @throws when it does not say which are online */
export function readCpus(root: HostRoot): CpuFacts {
  const online = cpusIn(root.text(`${CPUS}/online`), `${CPUS}/online`);
  const cpuinfo = known(() => firstProcessor(root.text('/proc/cpuinfo')));
  return {
    online,
    cores: coresOf(root, online),
    isolated: known(() => readOptionalCpus(root, `${CPUS}/isolated`)),
    nohzFull: known(() => readOptionalCpus(root, `${CPUS}/nohz_full`)),
    vendor: isKnown(cpuinfo) ? known(() => memberOf(cpuinfo, 'vendor_id')) : cpuinfo,
    flags: isKnown(cpuinfo)
      ? known(() =>
          memberOf(cpuinfo, 'flags')
            .split(' ')
            .filter((flag) => FLAGS.has(flag)),
        )
      : cpuinfo,
  };
}

/** The NUMA nodes with their CPUs and hugepages. @throws when sysfs has none: a kernel without NUMA has no `node0` */
export function readNumaNodes(root: HostRoot): NumaNode[] {
  const ids = root.names(NODES).flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []);
  return ids
    .map(Number)
    .sort((a, b) => a - b)
    .map((id) => ({
      id,
      cpus: readOptionalCpus(root, `${NODES}/node${id}/cpulist`),
      memoryKiB: known(() => totalMemory(root.text(`${NODES}/node${id}/meminfo`))),
      hugepages: readHugepages(root, `${NODES}/node${id}/hugepages`),
    }));
}

function readHugepages(root: HostRoot, directory: string): Hugepages[] {
  const sizes = root.namesIfAny(directory).flatMap((name) => /^hugepages-(\d+)kB$/.exec(name)?.[1] ?? []);
  return sizes
    .map(Number)
    .sort((a, b) => a - b)
    .map((sizeKiB) => ({
      sizeKiB,
      total: readCount(root, `${directory}/hugepages-${sizeKiB}kB/nr_hugepages`),
      free: readCount(root, `${directory}/hugepages-${sizeKiB}kB/free_hugepages`),
    }));
}

function coresOf(root: HostRoot, online: readonly number[]): number[][] {
  const cores = new Map<number, number[]>();
  for (const cpu of online) {
    const path = `${CPUS}/cpu${cpu}/topology/thread_siblings_list`;
    const text = root.textIfAny(path);
    const siblings = text === undefined ? [cpu] : cpusIn(text, path).filter((sibling) => online.includes(sibling));
    cores.set(siblings[0] ?? cpu, siblings);
  }
  return [...cores.values()];
}

/** Where the kernel was built without it, there is no file; where it was not asked for, the file is empty, or says "(null)". */
function readOptionalCpus(root: HostRoot, path: string): number[] {
  const text = root.textIfAny(path)?.trim() ?? '';
  return text === '' || text === '(null)' ? [] : cpusIn(text, path);
}

/** The CPUs of a list that some program wrote at `path`. @throws AppError INPUT_SYNTAX */
export function cpusIn(text: string, path: string): number[] {
  const list = parseCpuList(text);
  if ('problem' in list) throw new AppError('INPUT_SYNTAX', `${path}: ${list.problem}`);
  return [...list.value];
}

function readCount(root: HostRoot, path: string): number {
  const text = root.text(path).trim();
  if (!/^\d+$/.test(text)) throw new AppError('INPUT_SYNTAX', `${path} must hold a whole number`);
  return Number(text);
}

function totalMemory(meminfo: string): number {
  const [, kilobytes] = /MemTotal:\s*(\d+) kB/.exec(meminfo) ?? [];
  if (kilobytes === undefined) throw new AppError('INPUT_SYNTAX', 'meminfo of the node has no MemTotal');
  return Number(kilobytes);
}

function firstProcessor(cpuinfo: string): string {
  const end = cpuinfo.indexOf('\n\n');
  return end === -1 ? cpuinfo : cpuinfo.slice(0, end);
}

function memberOf(processor: string, key: string): string {
  const value = new RegExp(`^${key}[ \\t]*:[ \\t]*(.*)$`, 'm').exec(processor)?.[1];
  if (value === undefined) throw new AppError('INPUT_SYNTAX', `/proc/cpuinfo has no ${key}`);
  return value.trim();
}
