import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { measuredNode } from '../measure/pin.ts';
import { cpuSeconds, memoryMiB } from '../measure/process-figures.ts';

/** What a program that goes on takes of one core. */
export interface WatchFigures {
  readonly corePercent: number;
  readonly samples: number;
  readonly peakMiB: number;
}

/** Starting, and the code's first compilation, are over by then. */
const SETTLED_SAMPLES = 3;

const MOST_SECONDS_TO_SETTLE = 60;

/** Runs node on the measured core, and looks at it for `seconds` once it has written its third line. A line is a sample. */
export async function watchMeasured(args: readonly string[], seconds: number): Promise<WatchFigures> {
  const [command, ...rest] = measuredNode(args);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = countLines(child);
  const end = performance.now() + MOST_SECONDS_TO_SETTLE * 1000;
  while (lines() < SETTLED_SAMPLES) {
    if (child.exitCode !== null || performance.now() > end) throw new Error(`${args.join(' ')} writes no samples`);
    await sleep(100);
  }
  const pid = child.pid ?? 0;
  const [startMs, startCpu, startLines] = [performance.now(), cpuSeconds(pid), lines()];
  await sleep(seconds * 1000);
  const figures = {
    corePercent: ((cpuSeconds(pid) - startCpu) * 100_000) / (performance.now() - startMs),
    samples: lines() - startLines,
    peakMiB: memoryMiB(pid, 'VmHWM'),
  };
  child.kill();
  await once(child, 'exit');
  return figures;
}

function countLines({ stdout }: ChildProcess): () => number {
  let lines = 0;
  stdout?.on('data', (bytes: Buffer) => {
    for (const byte of bytes) if (byte === 0x0a) lines += 1;
  });
  return () => lines;
}
