import { quantile } from '../measure/statistics.ts';
import { renderTable, round } from '../measure/table.ts';
import { CASES } from './cases.ts';
import { runPaced, warmUp } from './load.ts';
import type { ServerFactory, Side } from './server.ts';

/** A cluster that makes 200 VMs a second is a large one. */
const PER_SECOND = 200;

export interface LatencyOptions {
  readonly rounds: number;
  /** Length of one side's part of a round. */
  readonly seconds: number;
  /** Answers of each side before anything counts. */
  readonly warmUpAnswers: number;
}

/** Open loop at 200 reviews a second, all cases mixed, both sides in turn. */
export async function measureLatency(servers: ServerFactory, { rounds, seconds, warmUpAnswers }: LatencyOptions): Promise<string> {
  const sides = { bare: await servers.start('bare'), vhostguard: await servers.start('vhostguard') };
  const requests = CASES.map(({ request }) => request);
  const latencies: Record<Side, number[]> = { bare: [], vhostguard: [] };
  for (const server of Object.values(sides)) await warmUp(server, requests, warmUpAnswers);
  for (let index = 0; index < rounds; index += 1) {
    for (const side of ['bare', 'vhostguard'] as const) {
      latencies[side].push(...(await runPaced(sides[side], requests, PER_SECOND, seconds)));
    }
  }
  await Promise.all(Object.values(sides).map((server) => server.stop()));
  const quantiles = [0.5, 0.9, 0.99, 0.999, 1];
  const rows = Object.entries(latencies).map(([side, values]) => [
    side,
    ...quantiles.map((q) => round(quantile(values, q))),
    round(values.length),
  ]);
  const header = ['server', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'reviews'];
  return renderTable(`Latency at ${PER_SECOND} reviews a second, from when each was due`, header, rows);
}
