import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { measuredNode } from '../measure/pin.ts';
import { cpuSeconds, memoryMiB } from '../measure/process-figures.ts';

/** What a run of a program to its end took. */
export interface RunFigures {
  readonly exitCode: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** How often the figures of a running process are read, in milliseconds; the last reading counts. */
const READING_MS = 10;

/** Runs node with these arguments on the measured core and throws its output away. */
export async function runMeasured(args: readonly string[]): Promise<RunFigures> {
  const [command, ...rest] = measuredNode(args);
  const start = performance.now();
  const child = spawn(command, rest, { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  let figures = { cpuSeconds: Number.NaN, peakMiB: Number.NaN };
  const readings = setInterval(() => {
    const reading = { cpuSeconds: cpuSeconds(pid), peakMiB: memoryMiB(pid, 'VmHWM') };
    if (!Number.isNaN(reading.cpuSeconds + reading.peakMiB)) figures = reading;
  }, READING_MS);
  const [exitCode] = (await once(child, 'exit')) as [number];
  clearInterval(readings);
  return { exitCode, seconds: (performance.now() - start) / 1000, ...figures };
}
