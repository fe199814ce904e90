import { pinSelf } from '../measure/pin.ts';
import { startApiServer } from './api-server-process.ts';
import { changeNads, renderNadChanges } from './nad-change.ts';
import type { ClusterSize } from './objects.ts';
import { measureReplica } from './replica.ts';
import { renderGrowth, renderScans, type ScannedCluster, scanAfterRestart, scanTwice } from './scan.ts';

const NADS = 5000;
const SIZES: readonly ClusterSize[] = [1000, 10_000, 100_000].map((vms) => ({ vms, nads: NADS }));
const QUICK_SIZES: readonly ClusterSize[] = [300, 1000].map((vms) => ({ vms, nads: 200 }));

/** Whoever measures how long answers take shares the core with the API server, and goes first. */
const BEHIND_THE_LOAD = 10;

/** A controller, and a webhook replica beside it, against an API server full of VMs. Yields a table at a time. */
export async function* benchCluster(isQuick: boolean): AsyncGenerator<string> {
  pinSelf('bench');
  const clusters: ScannedCluster[] = [];
  const changes: string[][] = [];
  for (const size of isQuick ? QUICK_SIZES : SIZES) {
    const server = await startApiServer(size);
    try {
      const { controller, passes } = await scanTwice(server);
      changes.push(...(await changeNads(server, controller)));
      await controller.stop();
      clusters.push({ size, passes: [...passes, await scanAfterRestart(server)] });
    } finally {
      await server.stop();
    }
  }
  yield renderScans(clusters);
  yield renderGrowth(clusters);
  yield renderNadChanges(changes);
  const server = await startApiServer(isQuick ? { vms: 1000, nads: 200 } : { vms: 10_000, nads: NADS }, BEHIND_THE_LOAD);
  try {
    yield* measureReplica(server, isQuick ? { seconds: 2, warmUpAnswers: 300 } : { seconds: 10, warmUpAnswers: 20_000 });
  } finally {
    await server.stop();
  }
}
