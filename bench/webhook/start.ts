import { memoryMiB } from '../measure/process-figures.ts';
import { median } from '../measure/statistics.ts';
import { renderSpread, renderTable, round } from '../measure/table.ts';
import { CASES } from './cases.ts';
import { Connection } from './connection.ts';
import type { ServerFactory, Side } from './server.ts';

/** From starting the process to its first answer, the TLS handshake included, both sides in turn. */
export async function measureStart(servers: ServerFactory, starts: number): Promise<string> {
  const milliseconds: Record<Side, number[]> = { bare: [], vhostguard: [] };
  const memory: Record<Side, number[]> = { bare: [], vhostguard: [] };
  for (let index = 0; index < starts; index += 1) {
    for (const side of ['bare', 'vhostguard'] as const) {
      const server = await servers.start(side);
      const connection = await Connection.open(server);
      await connection.send((CASES[0] as (typeof CASES)[number]).request);
      milliseconds[side].push(performance.now() - server.startedMs);
      memory[side].push(memoryMiB(server.pid, 'VmRSS'));
      connection.close();
      await server.stop();
    }
  }
  const rows = (['bare', 'vhostguard'] as const).map((side) => [side, renderSpread(milliseconds[side]), round(median(memory[side]))]);
  return renderTable(`Start to first answer: median (min-max) of ${starts} starts`, ['server', 'ms', 'memory then, MiB'], rows);
}
