import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../admission/answer.ts';
import { createHandlers } from '../admission/handlers.ts';
import { createHealthServer, createWebhookServer, TLS_OPTIONS } from '../admission/http.ts';
import { close, type ListenAddress, listen } from '../admission/listener.ts';
import type { Webhook } from '../admission/review.ts';
import { type CertificatePair, notAfterSeconds } from '../certificates/pair.ts';
import { watchPair } from '../certificates/watch.ts';
import type { Engine } from '../engine/engine.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface WebhookServiceOptions {
  readonly listen: ListenAddress;
  readonly healthListen: ListenAddress;
  /** Watched for a new certificate. */
  readonly certsDir: string;
  readonly pair: CertificatePair;
  /** Asked for each request. */
  readonly engine: () => Engine;
  /** Reasons besides its own for which the server is not ready. */
  readonly unreadiness: () => readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Both servers, listening. */
export interface WebhookService {
  readonly webhook: ListenAddress;
  readonly health: ListenAddress;
  /**
   * Becomes unready at once, goes on serving for `drainMs` milliseconds with the last answer on every connection, then stops.
   * No request that arrives in time is dropped. @param hurry ends the drain time when it aborts.
   */
  stop(drainMs: number, hurry?: AbortSignal): Promise<void>;
}

/** Longest wait for requests that are still being answered when the drain time is over, in milliseconds. */
const CLOSE_GRACE_MS = 5000;

/**
 * Starts the webhook server and its health server.
 * @throws AppError LISTEN_FAILED when one of the addresses cannot be had; then neither listens.
 */
export async function startWebhookService(options: WebhookServiceOptions): Promise<WebhookService> {
  const { certsDir, engine, logger, metrics, now } = options;
  let { pair } = options;
  let isDraining = false;
  const server = createWebhookServer({
    handlers: createHandlers(engine),
    certificate: pair,
    observe: createObserver(logger, metrics),
    isDraining: () => isDraining,
  });
  const unreadiness = (): string[] => [
    ...(isDraining ? ['draining: this server is about to stop'] : []),
    ...(notAfterSeconds(pair.leaf) * 1000 <= now() ? [`certificate expired at ${pair.leaf.validTo}`] : []),
    ...options.unreadiness(),
  ];
  const health = createHealthServer({
    unreadiness,
    metrics: () => metrics.render(),
  });
  const address = await listen(server, options.listen);
  const healthAddress = await listen(health, options.healthListen).catch(async (error: unknown) => {
    await close(server, 0);
    throw error;
  });
  recordExpiry(metrics, pair);
  const watch = watchPair({
    directory: certsDir,
    current: pair,
    onChange: (next) => {
      server.setSecureContext({
        ...TLS_OPTIONS,
        cert: next.cert,
        key: next.key,
      });
      pair = next;
      recordExpiry(metrics, next);
      metrics.certificateReload('success');
      logger.info(`took over the new certificate, valid until ${next.leaf.validTo}`);
    },
    onInvalid: (problem) => {
      metrics.certificateReload('invalid');
      logger.warn(`kept the certificate in use: ${problem.message}`);
    },
  });
  const stop = async (drainMs: number, hurry?: AbortSignal): Promise<void> => {
    isDraining = true;
    await sleep(drainMs, undefined, hurry === undefined ? {} : { signal: hurry }).catch(() => undefined);
    watch.stop();
    await close(server, hurry?.aborted ? 0 : CLOSE_GRACE_MS);
    await close(health, 0);
  };
  return { webhook: address, health: healthAddress, stop };
}

function createObserver(logger: Logger, metrics: Metrics): (webhook: Webhook, outcome: Answer['outcome'], seconds: number) => void {
  return (webhook, outcome, seconds) => {
    if (outcome.state === 'decided') {
      metrics.decision(outcome.decision, seconds);
      logger.decision(outcome.decision, seconds);
      return;
    }
    metrics.failure(webhook, outcome.state);
    if (outcome.state === 'refused') logger.refused(webhook, outcome.message);
    else logger.error(`${webhook} crashed on request ${outcome.uid}`, outcome.cause);
  };
}

function recordExpiry(metrics: Metrics, { leaf, ca }: CertificatePair): void {
  metrics.certificate('leaf', notAfterSeconds(leaf));
  if (ca !== undefined) metrics.certificate('ca', notAfterSeconds(new X509Certificate(ca)));
}
