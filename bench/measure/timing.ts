import { median } from './statistics.ts';

const BATCHES = 15;

/** Where results go, so that the compiler cannot drop work that nobody looks at. */
const sink: { last?: unknown } = {};

/** How long `work` takes in microseconds once it is compiled: the median of 15 batches of about `batchMs` milliseconds. */
export function microsecondsOf(work: () => unknown, batchMs: number): number {
  let runs = 1;
  let milliseconds = runBatch(work, runs);
  // Doubling warms up and finds the number of runs that fill a batch.
  for (; milliseconds < batchMs; milliseconds = runBatch(work, runs)) runs *= 2;
  return median(Array.from({ length: BATCHES }, () => (runBatch(work, runs) * 1000) / runs));
}

function runBatch(work: () => unknown, runs: number): number {
  const start = performance.now();
  for (let run = 0; run < runs; run += 1) sink.last = work();
  return performance.now() - start;
}
