import { median } from './statistics.ts';

const BATCHES = 15;

/** A whole evaluation is compiled as it will stay only after several thousand runs. */
const WARM_UP_BATCHES = 40;

/** Where results go, so that the compiler cannot drop work that nobody looks at. */
const sink: { last?: unknown } = {};

/**
 * How much CPU time `work` takes in microseconds once it is compiled: the median of 15 batches of about `batchMs` milliseconds. CPU time
 * and not the time of day, so that what else the machine does counts little.
 */
export function cpuMicrosecondsOf(work: () => unknown, batchMs: number): number {
  let runs = 1;
  while (runBatch(work, runs) < batchMs * 1000) runs *= 2;
  const warmUpEnd = process.cpuUsage().user + WARM_UP_BATCHES * batchMs * 1000;
  while (process.cpuUsage().user < warmUpEnd) runs = Math.ceil((runs * batchMs * 1000) / Math.max(1, runBatch(work, runs)));
  return median(Array.from({ length: BATCHES }, () => runBatch(work, runs) / runs));
}

function runBatch(work: () => unknown, runs: number): number {
  const start = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) sink.last = work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
