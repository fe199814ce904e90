import { join } from 'node:path';
import { benchScript } from '../measure/places.ts';
import { memoryMiB } from '../measure/process-figures.ts';
import { quantile } from '../measure/statistics.ts';
import { renderTable, round } from '../measure/table.ts';
import { CASES } from '../webhook/cases.ts';
import { runPaced, warmUp } from '../webhook/load.ts';
import { type RunningServer, startServer } from '../webhook/server.ts';
import { type ApiServerProcess, until } from './api-server-process.ts';
import { startController } from './controller-process.ts';

/** As the bench of the webhooks has it: a cluster that makes 200 VMs a second is a large one. */
const PER_SECOND = 200;

export interface ReplicaOptions {
  /** Length of each part, in seconds. */
  readonly seconds: number;
  /** Reviews before anything counts. */
  readonly warmUpAnswers: number;
}

/**
 * A webhook replica that follows a cluster: its memory, and how fast it answers before a controller starts on the same core, and while
 * that scans for the first time.
 */
export async function* measureReplica(server: ApiServerProcess, { seconds, warmUpAnswers }: ReplicaOptions): AsyncGenerator<string> {
  const requests = CASES.map(({ request }) => request);
  const replica = await startReplica(server);
  const ready = memoryMiB(replica.pid, 'VmRSS');
  await warmUp(replica, requests, warmUpAnswers);
  const used = memoryMiB(replica.pid, 'VmRSS');
  const alone = await runPaced(replica, requests, PER_SECOND, seconds);
  const controller = await startController(server);
  const before = await until(async () => (await server.figures()).reportWrites || undefined, 'the first report');
  const scanned = await runPaced(replica, requests, PER_SECOND, seconds);
  const { reportWrites } = await server.figures();
  const peak = memoryMiB(replica.pid, 'VmHWM');
  await controller.stop();
  await replica.stop();
  const header = ['NADs', 'ready', `after ${warmUpAnswers.toLocaleString('en')} reviews`, 'peak'];
  const nads = server.size.nads.toLocaleString('en');
  yield renderTable('Resident memory of a webhook replica in MiB', header, [[nads, ...[ready, used, peak].map(round)]]);
  yield renderLatency([
    ['no controller', alone, 0],
    [`a controller that scans ${server.size.vms.toLocaleString('en')} VMs`, scanned, reportWrites - before],
  ]);
}

/** Starts a replica, and waits until it knows the cluster. */
async function startReplica({ directory, podEnvironment }: ApiServerProcess): Promise<RunningServer> {
  const certsDir = join(directory, 'replica-certs');
  const replica = await startServer([benchScript('cluster/replica-in-cluster'), directory, certsDir], certsDir, podEnvironment);
  const health = /http:\/\/[^/\s]+/.exec(replica.printed())?.[0];
  await until(async () => (await fetch(`${health}/readyz`)).ok || undefined, 'a webhook replica that is ready', 60_000);
  return replica;
}

function renderLatency(rows: readonly (readonly [beside: string, latencies: readonly number[], reportWrites: number])[]): string {
  const quantiles = [0.5, 0.9, 0.99, 1];
  return renderTable(
    `Latency of the replica at ${PER_SECOND} reviews a second, from when each was due`,
    ['on the same core', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'reviews', 'report writes meanwhile'],
    rows.map(([beside, latencies, reportWrites]) => [
      beside,
      ...quantiles.map((q) => round(quantile(latencies, q))),
      latencies.length.toLocaleString('en'),
      reportWrites.toLocaleString('en'),
    ]),
  );
}
