import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Decision } from '../core/decision.ts';
import { createRegistry } from './registry.ts';

/** The metrics of a server, in a registry of their own. Labels are bounded: never a namespace, a name or a user. */
export interface Metrics {
  decision(decision: Decision, seconds: number): void;
  /** A body that was no AdmissionReview, or a crash. */
  failure(webhook: Decision['webhook'], reason: 'refused' | 'crashed'): void;
  /** @param notAfterSeconds seconds since 1970. */
  certificate(certificate: 'ca' | 'leaf', notAfterSeconds: number): void;
  certificateReload(result: 'success' | 'invalid'): void;
  /** Shows how well the kinds that are looked up in a cluster are known, asked at each scrape. */
  cache(kinds: () => readonly CachedKind[]): void;
  /** In Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** How well a kind is known. */
export interface CachedKind {
  readonly kind: string;
  readonly isSynced: boolean;
  readonly ageSeconds: number;
}

const DURATION_BUCKETS_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const OTHER = 'other';

/** @param kinds the values of the label `kind`; every other kind counts as "other". */
export function createMetrics(version: string, kinds: readonly string[]): Metrics {
  const registry = createRegistry(version);
  const registers = [registry];
  const requests = new Counter({
    name: 'vhostguard_admission_requests_total',
    help: 'Admission reviews answered',
    labelNames: ['webhook', 'operation', 'kind', 'allowed', 'dry_run'],
    registers,
  });
  const durations = new Histogram({
    name: 'vhostguard_admission_duration_seconds',
    help: 'Time from the last byte of a review to its answer',
    labelNames: ['webhook'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const failures = new Counter({
    name: 'vhostguard_admission_failures_total',
    help: 'Requests that were refused as no AdmissionReview, or crashed',
    labelNames: ['webhook', 'reason'],
    registers,
  });
  const results = new Counter({
    name: 'vhostguard_rule_results_total',
    help: 'Admission reviews in which a rule denied, warned, repaired or crashed',
    labelNames: ['rule', 'result'],
    registers,
  });
  const notAfter = new Gauge({
    name: 'vhostguard_webhook_certificate_not_after_timestamp_seconds',
    help: 'When the serving certificate and its CA end',
    labelNames: ['certificate'],
    registers,
  });
  const reloads = new Counter({
    name: 'vhostguard_webhook_certificate_reloads_total',
    help: 'Changes of the certificate files that were taken over or were invalid',
    labelNames: ['result'],
    registers,
  });
  const known = new Set(kinds);
  const observers = { mutate: durations.labels('mutate'), validate: durations.labels('validate') };
  const requestTally = createTally(requests);
  const resultTally = createTally(results);
  const count = (result: string, rules: readonly string[]): void => {
    for (const rule of rules) resultTally.count(rule, result);
  };
  return {
    decision: (decision, seconds) => {
      const { webhook, operation, allowed, dryRun } = decision;
      const kind = known.has(decision.kind) ? decision.kind : OTHER;
      requestTally.count(webhook, operation, kind, String(allowed), String(dryRun));
      observers[webhook].observe(seconds);
      count('denied', decision.denied);
      count('warned', decision.warned);
      count('repaired', decision.repaired);
      count('crashed', decision.crashed);
    },
    failure: (webhook, reason) => failures.inc({ webhook, reason }),
    certificate: (certificate, notAfterSeconds) => notAfter.set({ certificate }, notAfterSeconds),
    certificateReload: (result) => reloads.inc({ result }),
    cache: (kinds) => showCache(registry, kinds),
    render: async () => {
      requestTally.flush();
      resultTally.flush();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function showCache(registry: Registry, kinds: () => readonly CachedKind[]): void {
  const gauge = (name: string, help: string, read: (kind: CachedKind) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        for (const each of kinds()) this.set({ kind: each.kind }, read(each));
      },
    });
  gauge('vhostguard_cache_synced', 'Whether the objects of a kind are followed, or the cluster has no such kind', (each) =>
    Number(each.isSynced),
  );
  gauge('vhostguard_cache_age_seconds', 'Time since the API server last said something of a kind', (each) => each.ageSeconds);
}

/** Counts in the hot path, and hands its counts to the counter when it is flushed. */
interface Tally {
  /** @param values one for each label of the counter, in that order; bounded, and without a newline. */
  count(...values: string[]): void;
  flush(): void;
}

/** Checking and hashing labels takes prom-client longer than counting takes: once per scrape instead of once per review. */
function createTally(counter: Counter): Tally {
  const counts = new Map<string, number>();
  return {
    count: (...values) => {
      const key = values.join('\n');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    flush: () => {
      for (const [key, count] of counts) counter.labels(...key.split('\n')).inc(count);
      counts.clear();
    },
  };
}
