import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The core of whatever is measured; the bench itself keeps to the others. */
const MEASURED_CORE = '0';
const BENCH_CORES = '1-1023';

const canPin = process.platform === 'linux' && availableParallelism() > 1 && hasTaskset();

/** How the two sides share the machine, for the report. */
export const PINNING = canPin ? 'measured process on core 0, load from the others' : 'not pinned to cores';

/** The command line that runs node on the measured core. */
export function measuredNode(args: readonly string[]): [command: string, ...args: string[]] {
  return canPin ? ['taskset', '-c', MEASURED_CORE, process.execPath, ...args] : [process.execPath, ...args];
}

/** Takes this process off the measured core, or puts it there when it measures itself. */
export function pinSelf(to: 'measured' | 'bench'): void {
  pin(process.pid, to === 'measured' ? MEASURED_CORE : BENCH_CORES);
}

/** Takes a server that the measured process asks off its core, with every thread that it has by now, whatever core it chose itself. */
export function pinServer(pid: number): void {
  pin(pid, BENCH_CORES);
}

function pin(pid: number, cores: string): void {
  if (canPin) execFileSync('taskset', ['-a', '-cp', cores, String(pid)], { stdio: 'ignore' });
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
