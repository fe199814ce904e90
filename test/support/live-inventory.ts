import { onTestFinished, vi } from 'vitest';
import { type LiveInventory, startLiveInventory } from '../../src/cluster/live-inventory.ts';
import type { Pace } from '../../src/cluster/reflector.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from './fake-api-server/server.ts';

/** Waits short enough for tests, and long enough for a busy machine. */
export const QUICK: Pace = { timeoutMs: 1000, silenceMs: 5000, firstRetryMs: 10, mostRetryMs: 100, wellMs: 20, forbiddenRetryMs: 100 };

export interface Following {
  readonly server: FakeApiServer;
  readonly live: LiveInventory;
  /** What was logged, a line each, with its level. */
  readonly log: readonly string[];
  /** `Kind namespace/name` of each change so far. */
  readonly changes: readonly string[];
}

/** A server and a live inventory of it, until the test is over. @param before runs before the inventory starts. */
export async function follow(
  options: FakeApiServerOptions & { readonly pace?: Partial<Pace>; readonly before?: (server: FakeApiServer) => void } = {},
): Promise<Following> {
  const { pace, before, ...rest } = options;
  const server = await startFakeApiServer(rest);
  onTestFinished(server.stop);
  before?.(server);
  const log: string[] = [];
  const tell = (level: string) => (message: string) => void log.push(`${level} ${message.replaceAll(new URL(server.url).host, 'HOST')}`);
  const live = startLiveInventory({
    kubeconfig: server.kubeconfig(),
    pace: { ...QUICK, ...pace },
    log: { info: tell('info'), warn: tell('warn') },
    now: () => performance.now(),
  });
  onTestFinished(live.stop);
  const changes: string[] = [];
  live.onChange(({ kind, namespace, name }) => changes.push(`${kind} ${namespace}/${name}`));
  return { server, live, log, changes };
}

/** Waits until what is expected is so. */
export function eventually(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { timeout: 10_000, interval: 10 });
}

/** A userspace NAD in the namespace `nfv`. */
export function network(name: string, config = '{"type":"userspace"}'): JsonObject {
  return { apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition', metadata: { name, namespace: 'nfv' }, spec: { config } };
}

/** The text of a network's configuration as rules see it, or `absent` or `unknown`. */
export function stateOf({ live }: Following, name: string): string {
  const lookup = live.inventory.networkAttachmentDefinition('nfv', name);
  return lookup.state === 'found' && lookup.value.config.state === 'json' ? lookup.value.config.text : lookup.state;
}
