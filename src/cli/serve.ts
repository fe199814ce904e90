import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatAddress } from '../admission/listener.ts';
import { ensurePair } from '../certificates/self-signed.ts';
import { AppError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { KINDS_OF_TARGET } from '../kube/view.ts';
import { createLineBuffer } from '../telemetry/line-buffer.ts';
import { createLogger } from '../telemetry/logger.ts';
import { type CachedKind, createMetrics } from '../telemetry/metrics.ts';
import { parseAddress } from './address.ts';
import type { ServeOptions } from './serve-flags.ts';
import { startWebhookService, type WebhookService } from './webhook-service.ts';

/** What serving needs of the process. */
export interface ServeIo {
  readonly stdout: { write(text: string): unknown };
  /** Gets the log. */
  readonly stderr: { write(text: string): unknown };
  /** Calls `listener` on each SIGTERM and SIGINT, to the end of the process. */
  onSignal(listener: (signal: 'SIGTERM' | 'SIGINT') => void): void;
}

/** What is served. */
export interface Served {
  /** Asked for each request, so that a new configuration counts from the next one on. */
  readonly engine: () => Engine;
  /** Of this program. */
  readonly version: string;
  /** One line each about the rest: the configuration, the inventory. */
  readonly notes: readonly string[];
  /** Why it should not be asked yet; empty when it knows all that it looks up. */
  readonly unreadiness: () => readonly string[];
  /** How well each kind that it looks up is known, where a cluster tells. */
  readonly kinds?: () => readonly CachedKind[];
}

/** Drain time after Ctrl-C in milliseconds: whoever pressed it waits for the prompt. */
const INTERRUPT_DRAIN_MS = 250;

/** Longer is of no use: Kubernetes kills a pod 30 s after SIGTERM. */
const MOST_DRAIN_SECONDS = 300;

/** A review that gets a repair from `/mutate` and a denial from `/validate`. */
const SAMPLE_REVIEW = fileURLToPath(new URL('../../test/data/sample-review.json', import.meta.url));

/**
 * Serves the webhooks until SIGTERM or SIGINT. A second signal stops at once.
 * @throws AppError USAGE, CERTIFICATE_UNREADABLE or LISTEN_FAILED when serving cannot begin.
 */
export async function serve(options: ServeOptions, io: ServeIo, served: Served): Promise<void> {
  const { certsDir } = options;
  const listen = parseAddress(options.listen, '--listen');
  const healthListen = parseAddress(options.healthListen, '--health-listen');
  const drainMs = parseDrain(options.drain) * 1000;
  const log = createLineBuffer(io.stderr);
  const logger = createLogger(options.logLevel, log);
  const hosts = isWildcard(listen.host) ? options.hosts : [listen.host, ...options.hosts];
  const { pair, note } = await ensurePair({
    directory: certsDir,
    hosts,
    now: Date.now(),
  });
  const { host: _, ...admitted } = KINDS_OF_TARGET;
  const kinds = Object.values(admitted).flatMap((list) => list.map(({ kind }) => kind));
  const metrics = createMetrics(served.version, kinds);
  if (served.kinds !== undefined) metrics.cache(served.kinds);
  const service = await startWebhookService({
    listen,
    healthListen,
    certsDir,
    pair,
    engine: served.engine,
    unreadiness: served.unreadiness,
    logger,
    metrics,
    now: Date.now,
  });
  // Before the word that it serves: whoever reads it may stop it at once.
  const { first, hurry } = listenForSignals(io);
  io.stdout.write(describe(service, certsDir, [...(note === undefined ? [] : [note]), ...served.notes]));
  await service.stop((await first) === 'SIGINT' ? Math.min(drainMs, INTERRUPT_DRAIN_MS) : drainMs, hurry);
  log.flush();
}

interface Signals {
  readonly first: Promise<'SIGTERM' | 'SIGINT'>;
  /** Aborted by the second one. */
  readonly hurry: AbortSignal;
}

/** The listener stays to the end: a signal that comes while the process leaves must not turn a clean exit into a kill. */
function listenForSignals(io: ServeIo): Signals {
  const hurry = new AbortController();
  const first = new Promise<'SIGTERM' | 'SIGINT'>((resolve) => {
    let isStopping = false;
    io.onSignal((signal) => {
      if (isStopping) hurry.abort();
      isStopping = true;
      resolve(signal);
    });
  });
  return { first, hurry: hurry.signal };
}

/** @throws AppError USAGE */
function parseDrain(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0 && seconds <= MOST_DRAIN_SECONDS) return seconds;
  throw new AppError('USAGE', `--drain must be a number of seconds from 0 to ${MOST_DRAIN_SECONDS}, not ${JSON.stringify(text)}`, {
    hint: 'for example --drain 5',
  });
}

function isWildcard(host: string): boolean {
  return host === '::' || host === '0.0.0.0';
}

function describe({ webhook, health }: WebhookService, certsDir: string, notes: readonly string[]): string {
  const reachable = formatAddress(isWildcard(webhook.host) ? { ...webhook, host: '127.0.0.1' } : webhook);
  const lines = [
    ...notes,
    `webhooks  https://${formatAddress(webhook)}/mutate and /validate`,
    `health    http://${formatAddress(health)}/healthz, /readyz and /metrics`,
  ];
  if (existsSync(SAMPLE_REVIEW) && existsSync(join(certsDir, 'ca.crt'))) {
    const sample = relative(process.cwd(), SAMPLE_REVIEW);
    lines.push(
      'try it: a repair, then a denial',
      `  curl --cacert ${join(certsDir, 'ca.crt')} -H 'content-type: application/json' -d @${sample} https://${reachable}/{mutate,validate}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
