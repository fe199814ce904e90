import { AppError } from '../core/errors.ts';
import type { HostRoot } from './host-root.ts';
import { systemCode } from './known.ts';
import type { OvsProcess } from './ovs-facts.ts';
import type { Processes } from './processes.ts';

/** As the kernel cuts names to 15 characters: `ovs-vswitchd-dpdk` is `ovs-vswitchd-dp`. */
const VSWITCHD = /^ovs-vswitchd/;

/** Number of CAP_DAC_OVERRIDE. @see capability.h of Linux */
const DAC_OVERRIDE = 1n << 1n;

/**
 * Who vswitchd is: the process that its files name, or if they name none, the only one of that name.
 *
 * @throws AppError INPUT_UNREADABLE when there is no such process, or no telling which
 */
export function readOvsProcess(root: HostRoot, processes: Processes, named: readonly number[]): OvsProcess {
  const candidates = named.length > 0 ? named : processes.ids;
  const running = candidates.filter((pid) => VSWITCHD.test(processes.nameOf(pid) ?? '') && !hasEnded(root, pid));
  const [pid] = running;
  if (pid === undefined) {
    const which = named.length > 0 ? `process ${named.join(' or ')} is not` : 'there is no process named';
    throw new AppError('INPUT_UNREADABLE', `${which} ovs-vswitchd`);
  }
  if (running.length > 1) throw new AppError('INPUT_UNREADABLE', `processes ${running.join(', ')} are all named ovs-vswitchd`);
  return describeProcess(root, pid);
}

/** What is left of a process whose parent has not asked how it ended keeps its name. */
function hasEnded(root: HostRoot, pid: number): boolean {
  return /^State:\s*[ZX]/m.test(root.textIfAny(`/proc/${pid}/status`) ?? '');
}

function describeProcess(root: HostRoot, pid: number): OvsProcess {
  const status = root.text(`/proc/${pid}/status`);
  const numbers = (key: string) => (valueIn(status, key) ?? '').split(/\s+/).filter((word) => word !== '');
  const context = readContext(root, pid);
  return {
    pid,
    // Real, effective, saved, file system.
    uid: Number(numbers('Uid')[1]),
    gid: Number(numbers('Gid')[1]),
    groups: numbers('Groups').map(Number),
    overridesModes: (BigInt(`0x${valueIn(status, 'CapEff') ?? '0'}`) & DAC_OVERRIDE) !== 0n,
    ...(context === undefined ? {} : { context }),
  };
}

function valueIn(status: string, key: string): string | undefined {
  return new RegExp(`^${key}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
}

function readContext(root: HostRoot, pid: number): string | undefined {
  try {
    const context = root.textIfAny(`/proc/${pid}/attr/current`)?.replaceAll('\0', '').trim();
    // AppArmor and others use the same file, for names without colons.
    return context?.includes(':') ? context : undefined;
  } catch (thrown) {
    // Without any security module, reading the file fails with EINVAL.
    if (systemCode(thrown) === 'EINVAL') return undefined;
    throw thrown;
  }
}
