import { memoryMiB } from '../measure/process-figures.ts';
import { slope } from '../measure/statistics.ts';
import { renderTable, round } from '../measure/table.ts';
import { CASES } from './cases.ts';
import { ClosedLoop } from './load.ts';
import type { RunningServer, ServerFactory, Side } from './server.ts';

/** How many samples of the memory each half of a run gives. */
const SAMPLES_PER_HALF = 20;

/** Memory after `reviews` reviews of all cases mixed, and how it goes on over as many again. */
export async function measureMemory(servers: ServerFactory, reviews: number): Promise<string> {
  const rows: string[][] = [];
  for (const side of ['bare', 'vhostguard'] as const) {
    const server = await servers.start(side);
    rows.push(await measureSide(side, server, reviews));
    await server.stop();
  }
  const header = [
    'server',
    'at start',
    `after ${reviews.toLocaleString('en')}`,
    `after ${(2 * reviews).toLocaleString('en')}`,
    'peak',
    'slope per 100,000',
  ];
  return renderTable('Resident memory in MiB under full load', header, rows);
}

async function measureSide(side: Side, server: RunningServer, reviews: number): Promise<string[]> {
  const requests = CASES.map(({ request }) => request);
  const atStart = memoryMiB(server.pid, 'VmRSS');
  const loop = await ClosedLoop.open(server);
  const step = reviews / SAMPLES_PER_HALF;
  const points: [reviews: number, memory: number][] = [];
  for (let done = step; done <= 2 * reviews; done += step) {
    await loop.run(requests, (answers) => answers >= step);
    points.push([done, memoryMiB(server.pid, 'VmRSS')]);
  }
  loop.close();
  const [after, afterTwice] = [points[SAMPLES_PER_HALF - 1], points.at(-1)];
  const growth = slope(points.slice(SAMPLES_PER_HALF - 1)) * 100_000;
  const peak = memoryMiB(server.pid, 'VmHWM');
  return [side, ...[atStart, after?.[1] ?? Number.NaN, afterTwice?.[1] ?? Number.NaN, peak, growth].map(round)];
}
