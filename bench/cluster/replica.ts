import { setTimeout as sleep } from 'node:timers/promises';
import { MAIN } from '../measure/places.ts';
import { memoryMiB } from '../measure/process-figures.ts';
import { quantile } from '../measure/statistics.ts';
import { renderTable, round } from '../measure/table.ts';
import { CASES } from '../webhook/cases.ts';
import { runPaced, warmUp } from '../webhook/load.ts';
import { type RunningServer, startServer } from '../webhook/server.ts';
import { type ApiServerProcess, until } from './api-server-process.ts';
import { type ControllerProcess, startController } from './controller-process.ts';

/** As the bench of the webhooks has it: a cluster that makes 200 VMs a second is a large one. */
const PER_SECOND = 200;

export interface ReplicaOptions {
  /** Length of each part, in seconds. */
  readonly seconds: number;
  /** Reviews before anything counts. */
  readonly warmUpAnswers: number;
}

/** A webhook replica that follows the cluster: its memory, and how fast it answers while a controller on the same core does nothing, and scans. */
export async function* measureReplica(server: ApiServerProcess, { seconds, warmUpAnswers }: ReplicaOptions): AsyncGenerator<string> {
  const requests = CASES.map(({ request }) => request);
  const { kubeconfig, directory } = server;
  const anyPort = ['--listen', '127.0.0.1:0', '--health-listen', '127.0.0.1:0'];
  const replica = await startServer([MAIN, 'serve', ...anyPort, '--certs-dir', directory, '--kubeconfig', kubeconfig, '--drain', '0'], directory);
  await until(() => isReady(replica), 'a webhook replica that is ready', 60_000);
  await sleep(1000);
  const ready = memoryMiB(replica.pid, 'VmRSS');
  await warmUp(replica, requests, warmUpAnswers);
  const used = memoryMiB(replica.pid, 'VmRSS');
  const alone = await runPaced(replica, requests, PER_SECOND, seconds);
  const controller = await startController(server);
  await controller.whenScanned();
  const scanning = await answerWhileScanning(controller, () => runPaced(replica, requests, PER_SECOND, seconds));
  const peak = memoryMiB(replica.pid, 'VmHWM');
  await controller.stop();
  await replica.stop();
  const memory = [[server.size.nads.toLocaleString('en'), ...[ready, used, peak].map(round)]];
  yield renderTable('Resident memory of a webhook replica in MiB', ['NADs', 'ready', `after ${round(warmUpAnswers)} reviews`, 'peak'], memory);
  yield renderLatency({ 'does nothing': alone, scans: scanning.latencies }, scanning.scans, server.size.vms);
}

/** Has a controller scan over and over while `answer` runs. */
async function answerWhileScanning(
  controller: ControllerProcess,
  answer: () => Promise<number[]>,
): Promise<{ readonly latencies: readonly number[]; readonly scans: number }> {
  let isOver = false;
  let scans = 0;
  await controller.rescan();
  const scanning = (async () => {
    while (!isOver) {
      await controller.whenScanned();
      scans += 1;
      await controller.rescan();
    }
  })();
  const latencies = await answer();
  isOver = true;
  await scanning;
  return { latencies, scans };
}
