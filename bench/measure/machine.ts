import { availableParallelism, cpus, totalmem } from 'node:os';
import { PINNING } from './pin.ts';

/** One line that says what a table was measured on. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}; ${PINNING}`;
}
