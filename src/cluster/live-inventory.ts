import { setMaxListeners } from 'node:events';
import type { Inventory } from '../kube/inventory.ts';
import { createConnection } from './connection.ts';
import { type CacheLog, InventoryCache, type InventoryChange, type KindState } from './inventory-cache.ts';
import type { KubeconfigOptions } from './kubeconfig.ts';
import { PACE, type Pace, reflect } from './reflector.ts';

export interface LiveInventoryOptions extends Omit<KubeconfigOptions, 'timeoutMs'> {
  readonly pace?: Pace;
  readonly log: CacheLog;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
  /** Milliseconds since 1970, by which host agents are believed; the system's clock when absent. */
  readonly clock?: () => number;
}

/** What rules look up of a cluster, as it is. */
export interface LiveInventory {
  readonly inventory: Inventory;
  /** Resolves when each kind is followed, not installed or forbidden, or when `signal` aborts. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** One reason for each kind of which nothing is known yet; empty once everything was read. Stays empty from then on. */
  unsynced(): string[];
  kinds(): KindState[];
  /** The age of the kind that is known worst, in seconds. */
  ageSeconds(): number;
  /** Calls `listener` after each change that rules can see. @returns a function that ends it */
  onChange(listener: (change: InventoryChange) => void): () => void;
  /** Ends all connections. */
  stop(): Promise<void>;
}

/**
 * Follows every kind that rules look up, until it is stopped. While the API server cannot be read, what was known stays known.
 *
 * @throws AppError CLUSTER_UNREACHABLE when the kubeconfig cannot be used. An API server that does not answer is waited for.
 */
export function startLiveInventory({ pace = PACE, log, now, clock = Date.now, ...kubeconfig }: LiveInventoryOptions): LiveInventory {
  const connection = createConnection({ ...kubeconfig, timeoutMs: pace.timeoutMs });
  const cache = new InventoryCache(log, now, clock);
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const reflecting = cache.followed.map((followed) =>
    reflect({
      resource: followed.resource,
      connection,
      pace,
      signal: stopping.signal,
      onPut: (object) => cache.put(followed, object),
      onRemove: (namespace, name) => cache.remove(followed, namespace, name),
      onState: (state) => cache.know(followed, state),
      onCurrent: () => cache.current(followed),
      onFailure: (problem) => cache.fail(followed, problem),
    }),
  );
  return {
    inventory: cache.inventory,
    whenSynced: (signal) => cache.whenSynced(signal),
    unsynced: () => cache.unsynced(),
    kinds: () => cache.kinds(),
    ageSeconds: () => Math.max(...cache.kinds().map(({ ageSeconds }) => ageSeconds)),
    onChange: (listener) => cache.onChange(listener),
    stop: async () => {
      stopping.abort();
      await Promise.all(reflecting);
      cache.stop();
    },
  };
}
