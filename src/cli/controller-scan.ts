import { createConnection } from '../cluster/connection.ts';
import { startLiveInventory } from '../cluster/live-inventory.ts';
import type { Send } from '../cluster/writes.ts';
import { type Scan, startScan } from '../controller/scan.ts';
import type { Settings } from '../core/settings.ts';
import { RULES } from '../rules/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ScanMetrics } from '../telemetry/scan-metrics.ts';
import { dayOf } from './configuration.ts';

export interface ClusterScanOptions {
  readonly kubeconfig: string | undefined;
  readonly isInCluster: boolean | undefined;
  /** Longest wait for an answer of the API server, in milliseconds. */
  readonly timeoutMs: number;
  readonly send: Send;
  readonly settings: () => Settings;
  readonly logger: Logger;
  readonly metrics: ScanMetrics;
  readonly now: () => Date;
}

/** The scan of a cluster, which begins when what rules look up is known. */
export interface ClusterScan {
  /** Judges everything again, by the settings of this moment. */
  refresh(): void;
  /** Reports stay. */
  stop(): Promise<void>;
}

/** How often the day is looked at, in milliseconds: exemptions expire with it. */
const DAY_CHECK_MS = 60_000;

/** @throws AppError CLUSTER_UNREACHABLE when the kubeconfig cannot be used */
export function startClusterScan(options: ClusterScanOptions): ClusterScan {
  const { kubeconfig, isInCluster, timeoutMs, send, logger, metrics, settings, now } = options;
  const connection = createConnection({ kubeconfig, isInCluster, timeoutMs });
  const live = startLiveInventory({ kubeconfig, isInCluster, log: logger, now: () => performance.now() });
  const stopping = new AbortController();
  let scan: Scan | undefined;
  let today = dayOf(now());
  const begin = async (): Promise<void> => {
    await live.whenSynced(stopping.signal);
    if (stopping.signal.aborted) return;
    const { inventory, onChange } = live;
    const standards = { settings: settings(), today };
    scan = startScan({ connection, send, rules: RULES, standards, inventory, onChange, logger, metrics, now: () => now().getTime() });
  };
  const beginning = begin();
  const refresh = (): void => scan?.use({ settings: settings(), today });
  const clock = setInterval(() => {
    if (dayOf(now()) === today) return;
    today = dayOf(now());
    refresh();
  }, DAY_CHECK_MS).unref();
  return {
    refresh,
    stop: async () => {
      stopping.abort();
      clearInterval(clock);
      await beginning;
      await scan?.stop();
      await live.stop();
    },
  };
}
