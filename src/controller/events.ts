import type { Send } from '../cluster/writes.ts';
import { describeError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { toFieldPath, valueAt } from '../core/path.ts';
import type { Finding } from '../engine/finding.ts';
import { fingerprint } from '../report/fingerprint.ts';
import type { ScanMetrics } from '../telemetry/scan-metrics.ts';
import { describeRefusal } from './refusal.ts';
import type { WantedReport } from './report-wanted.ts';
import { pathOf } from './scan-subjects.ts';

const EVENTS = { group: '', version: 'v1', kind: 'Event', plural: 'events' };

/** Characters of a message, as `events.k8s.io` allows them. */
const LONGEST_MESSAGE = 1024;

/** Of the subject's name in that of the event: 253 characters, less the hash. */
const LONGEST_NAME = 230;

/** A rule that fails on and off is told once in this time, in milliseconds. */
const QUIET_MS = 60_000;

/**
 * The Event that tells of one rule that fails on one subject: always of the same name, so that the same is never told twice.
 * In the core API, not `events.k8s.io`: `kubectl describe` finds it there with its count.
 *
 * @param findings what the rule found; at least one.
 * @param time ISO 8601.
 */
function eventFor({ outcome: { object } }: WantedReport, findings: readonly [Finding, ...Finding[]], time: string): JsonObject {
  const { apiVersion, kind, namespace, name, uid = '' } = object;
  const [{ rule, name: ruleName }] = findings;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, LONGEST_NAME).replace(/[^a-z0-9]+$/, '')}.${fingerprint(kind, uid, rule)}`,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'vhostguard' },
    },
    involvedObject: { apiVersion, kind, namespace, name, uid },
    type: 'Warning',
    reason: ruleName.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase()),
    message: describe(findings),
    source: { component: 'vhostguard' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

function describe([first, ...others]: readonly [Finding, ...Finding[]]): string {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const place = first.path.length === 0 ? '' : ` ${toFieldPath(first.path)}`;
  const text = `${first.rule}${place}: ${first.message}`;
  return `${text.slice(0, LONGEST_MESSAGE - more.length)}${more}`;
}

/** What the recorder needs. */
export interface EventRecorderOptions {
  readonly send: Send;
  readonly metrics: ScanMetrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Writes Events. An Event that cannot be written is lost, as everybody's are: the report tells the same. */
export class EventRecorder {
  readonly #send: Send;
  readonly #metrics: ScanMetrics;
  readonly #now: () => number;

  constructor({ send, metrics, now }: EventRecorderOptions) {
    this.#send = send;
    this.#metrics = metrics;
    this.#now = now;
  }

  /** Tells of these rules, which began to fail on a subject. @returns why the last of them could not be told, if so */
  async record(wanted: WantedReport, rules: readonly string[]): Promise<string | undefined> {
    let obstacle: string | undefined;
    for (const rule of rules) {
      const [first, ...others] = wanted.outcome.findings.filter((finding) => finding.rule === rule && finding.status === 'fail');
      if (first === undefined) continue;
      const failure = await this.#tell(eventFor(wanted, [first, ...others], new Date(this.#now()).toISOString())).catch(describeError);
      this.#metrics.event(failure === undefined ? 'written' : 'failed');
      obstacle = failure ?? obstacle;
    }
    return obstacle;
  }

  async #tell(event: JsonObject): Promise<string | undefined> {
    const namespace = String(valueAt(event, ['metadata', 'namespace']));
    const path = pathOf(EVENTS, namespace, String(valueAt(event, ['metadata', 'name'])));
    const created = await this.#send('POST', pathOf(EVENTS, namespace), event);
    if (created.status === 201) return undefined;
    if (created.status !== 409) return describeRefusal(created, { ...EVENTS, verb: 'create' });
    const existing = await this.#send('GET', path);
    if (existing.status !== 200) return describeRefusal(existing, { ...EVENTS, verb: 'get' });
    const { body } = existing;
    if (this.#now() - Date.parse(String(valueAt(body, ['lastTimestamp']))) < QUIET_MS) return undefined;
    const count = Number(valueAt(body, ['count'])) || 1;
    const { firstTimestamp } = Object(body) as { readonly firstTimestamp?: unknown };
    const raised = { ...event, metadata: valueAt(body, ['metadata']), firstTimestamp, count: count + 1 };
    const updated = await this.#send('PUT', path, raised);
    return updated.status === 200 ? undefined : describeRefusal(updated, { ...EVENTS, verb: 'update' });
  }
}
