import { readdirSync, readFileSync } from 'node:fs';

/** CPU time that all threads of a process have used, in seconds. NaN where there is no /proc. */
export function cpuSeconds(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) => sum + nanosecondsOnCpu(`/proc/${pid}/task/${thread}/schedstat`) / 1e9,
      0,
    );
  } catch {
    return Number.NaN;
  }
}

function nanosecondsOnCpu(file: string): number {
  return Number(readFileSync(file, 'utf8').split(' ')[0]);
}

/** Memory of a process in MiB: now (`VmRSS`) or the most it ever had (`VmHWM`). NaN where there is no /proc, or no such process any more. */
export function memoryMiB(pid: number, figure: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${figure}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
