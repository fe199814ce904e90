import { setTimeout as sleep } from 'node:timers/promises';
import { type Send, sendUntil } from '../cluster/writes.ts';
import { describeError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import type { RuleMeta } from '../engine/rule.ts';
import type { ControllerMetrics } from '../telemetry/controller-metrics.ts';
import type { Logger } from '../telemetry/logger.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import type { CertificateStore } from './certificate-store.ts';
import { REGISTERED_BY, Registration } from './registration.ts';
import { type WebhookConfiguration, type WebhookTarget, webhookConfigurations } from './webhook-configurations.ts';

export interface UpkeepOptions {
  readonly send: Send;
  readonly target: WebhookTarget;
  /** Where certificates are kept; absent when cert-manager keeps them and puts in the `caBundle`. */
  readonly certificates?: { readonly store: CertificateStore; readonly hosts: readonly string[] } | undefined;
  /** What is registered, in words: the same for every controller that registers the same. */
  readonly registeredBy: string;
  /** Further annotations of the webhook configurations. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Asked for before each look: whose deletion removes the configurations, or why that is not known. */
  readonly owners?: () => Promise<readonly JsonObject[] | string>;
  readonly rules: readonly Pick<RuleMeta, 'targets' | 'fix'>[];
  /** Asked for before each look, so that a new configuration counts from then on. */
  readonly settings: () => Settings;
  readonly logger: Logger;
  readonly metrics: Pick<ControllerMetrics, 'certificate' | 'upkeep'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Time between two looks, in milliseconds; 5000 unless given. */
  readonly intervalMs?: number;
}

/** Certificates and webhook configurations, kept. */
export interface Upkeep {
  /** Why something is not as it must be; empty when all was well at the last look. */
  readonly unreadiness: () => readonly string[];
  /** Ends the upkeep and leaves all in place. */
  stop(): Promise<void>;
  /** Ends the upkeep and removes the webhook configurations. @returns why something is still there; empty when all is gone. */
  remove(): Promise<readonly string[]>;
}

const INTERVAL_MS = 5000;

/** Longest wait after a look that failed, in milliseconds. */
const MOST_WAIT_MS = 60_000;

/** How long the removal may take, in milliseconds: somebody waits at a terminal for it. */
const REMOVAL_MS = 5000;

/**
 * Keeps certificates and webhook configurations as they must be, by looking at them every few seconds. Looking catches everything:
 * what was changed while no controller ran, and what a watch misses.
 */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { logger, intervalMs = INTERVAL_MS } = options;
  const ending = new AbortController();
  const look = createLook({ ...options, send: sendUntil(ending.signal, options.send) });
  let obstacles: readonly string[] = ['certificates and webhook configurations have not been looked at yet'];
  const tell = (found: readonly string[]): void => {
    for (const obstacle of found) if (!obstacles.includes(obstacle)) logger.warn(obstacle);
    if (found.length === 0 && obstacles.length > 0) logger.info('certificates and webhook configurations are as they must be');
    obstacles = found;
    options.metrics.upkeep(found.length === 0);
  };
  const keep = async (): Promise<void> => {
    let failures = 0;
    while (!ending.signal.aborted) {
      const found = await look.once();
      // What was cut short by the end is no obstacle.
      if (ending.signal.aborted) return;
      tell(found);
      failures = found.length === 0 ? 0 : failures + 1;
      const waitMs = failures === 0 ? intervalMs : Math.min(intervalMs * 2 ** (failures - 1), MOST_WAIT_MS);
      await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const kept = keep();
  const stop = async (): Promise<void> => {
    ending.abort();
    await kept;
  };
  return {
    unreadiness: () => obstacles,
    stop,
    remove: async () => {
      await stop();
      return createLook({ ...options, send: sendUntil(AbortSignal.timeout(REMOVAL_MS), options.send) }).remove();
    },
  };
}

interface Look {
  /** Never throws: what fails is told. */
  once(): Promise<readonly string[]>;
  remove(): Promise<readonly string[]>;
}

function createLook(options: UpkeepOptions): Look {
  const { send, target, certificates, registeredBy, rules, settings, logger, metrics, now } = options;
  const keeper = certificates && new CertificateKeeper({ ...certificates, logger, metrics, now });
  const registration = new Registration({ send, logger, registeredBy });
  const annotations = { ...options.annotations, [REGISTERED_BY]: registeredBy };
  const wanted = (caBundle: string | undefined, ownerReferences: readonly JsonObject[]): readonly WebhookConfiguration[] =>
    webhookConfigurations({
      target,
      caBundle,
      rules,
      settings: settings(),
      annotations,
      ...(ownerReferences.length > 0 && { ownerReferences }),
    });
  const caught = async (act: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    try {
      return await act();
    } catch (thrown) {
      return [describeError(thrown)];
    }
  };
  return {
    once: () =>
      caught(async () => {
        const owners = (await options.owners?.()) ?? [];
        if (typeof owners === 'string') return [owners];
        return registration.ensure(wanted(await keeper?.ensure(), owners));
      }),
    remove: () => caught(() => registration.remove(wanted(undefined, []))),
  };
}
