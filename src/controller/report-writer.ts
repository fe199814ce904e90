import type { Answer } from '../cluster/api-server.ts';
import type { Send } from '../cluster/writes.ts';
import { describeError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { ScanMetrics } from '../telemetry/scan-metrics.ts';
import { describeRefusal } from './refusal.ts';
import { type KnownReport, planReport } from './report-plan.ts';
import { CONTENT_HASH, failingRules, type ReportApi, renderReport, type WantedReport } from './report-wanted.ts';
import { pathOf } from './scan-subjects.ts';

/** The reports of one subject after they were written, as far as that went; `obstacle` tells why it went no further. */
export interface WriteResult {
  readonly known: readonly KnownReport[];
  readonly obstacle?: string;
}

/** Most results of a report, tried in this order when the API server refuses it for its size. */
const CAPS = [100, 20, 1];

/** Times that a report is read again because someone else wrote it in between. */
const MOST_CONFLICTS = 10;

/** What the writer needs. */
export interface ReportWriterOptions {
  readonly send: Send;
  readonly metrics: ScanMetrics;
  /** Told what a user of the reports should know. */
  readonly warn: (message: string) => void;
}

/** Makes the reports of one subject what they must be. What is right already is not written. */
export class ReportWriter {
  readonly #send: Send;
  readonly #metrics: ScanMetrics;
  readonly #warn: (message: string) => void;

  constructor({ send, metrics, warn }: ReportWriterOptions) {
    this.#send = send;
    this.#metrics = metrics;
    this.#warn = warn;
  }

  async write(api: ReportApi, namespace: string, wanted: WantedReport | undefined, known: readonly KnownReport[]): Promise<WriteResult> {
    const { write, removals } = planReport(wanted, known);
    let left = known;
    try {
      for (const name of removals) {
        await this.#remove(pathOf(api.resource, namespace, name), api);
        left = left.filter((report) => report.name !== name);
      }
      if (wanted === undefined || write === undefined) return { known: left };
      await this.#put(api, namespace, wanted, write);
      return { known: [{ name: wanted.name, hash: wanted.hash, failing: failingRules(wanted) }] };
    } catch (thrown) {
      this.#metrics.write('failed');
      return { known: left, obstacle: describeError(thrown) };
    }
  }

  async #remove(path: string, api: ReportApi): Promise<void> {
    const answer = await this.#send('DELETE', path);
    // Its subject owned it: the garbage collector may have been here.
    if (answer.status === 404) return;
    expectSuccess(answer, 'delete', api);
    this.#metrics.write('deleted');
  }

  async #put(api: ReportApi, namespace: string, wanted: WantedReport, write: 'create' | 'update'): Promise<void> {
    for (const cap of CAPS) {
      const answer = await this.#putOnce(api, namespace, wanted, { write, cap });
      if (!isTooLarge(answer)) {
        expectSuccess(answer, write, api);
        return;
      }
      const { kind, name } = wanted.outcome.object;
      this.#warn(`the API server refuses the report of ${kind} ${namespace}/${name} as too large with ${cap} results`);
    }
    throw new Error('a report is refused as too large, even with one result');
  }

  /** Creates or updates, whichever turns out to be possible: another controller, or a user, may do the same at the same time. */
  async #putOnce(
    api: ReportApi,
    namespace: string,
    wanted: WantedReport,
    how: { write: 'create' | 'update'; cap: number },
  ): Promise<Answer> {
    const report = renderReport(wanted, api, how.cap);
    let isCreation = how.write === 'create';
    let answer: Answer | undefined;
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      answer = isCreation ? await this.#create(api, namespace, report) : await this.#update(api, namespace, wanted, report);
      if (isCreation && answer.status === 409) isCreation = false;
      else if (!isCreation && answer.status === 404) isCreation = true;
      else if (answer.status !== 409) return answer;
    }
    throw new Error(`${api.resource.plural} are written by someone else over and over`);
  }

  async #create(api: ReportApi, namespace: string, report: JsonObject): Promise<Answer> {
    const answer = await this.#send('POST', pathOf(api.resource, namespace), report);
    if (answer.status === 201) this.#metrics.write('created');
    return answer;
  }

  async #update(api: ReportApi, namespace: string, wanted: WantedReport, report: JsonObject): Promise<Answer> {
    const path = pathOf(api.resource, namespace, wanted.name);
    const existing = await this.#send('GET', path);
    if (existing.status !== 200) return existing;
    if (valueAt(existing.body, ['metadata', 'annotations', CONTENT_HASH]) === wanted.hash) return existing;
    const answer = await this.#send('PUT', path, merge(report, existing.body));
    if (answer.status === 200) this.#metrics.write('updated');
    return answer;
  }
}

/** Labels and annotations that others gave the report stay, and its resourceVersion makes a write of someone else a conflict. */
function merge(report: JsonObject, existing: unknown): JsonObject {
  const ours = isObject(report['metadata']) ? report['metadata'] : {};
  const theirs = isObject(existing) && isObject(existing['metadata']) ? existing['metadata'] : {};
  const union = (member: string): JsonObject => ({ ...Object(theirs[member]), ...Object(ours[member]) });
  return { ...report, metadata: { ...theirs, ...ours, labels: union('labels'), annotations: union('annotations') } };
}

/** etcd's own refusal comes as an internal error. */
function isTooLarge({ status, body }: Answer): boolean {
  return status === 413 || (status >= 500 && /request is too large|larger than max/i.test(messageOf(body)));
}

function messageOf(body: unknown): string {
  const message = isObject(body) ? body['message'] : undefined;
  return typeof message === 'string' ? message : '';
}

function expectSuccess(answer: Answer, verb: string, { resource }: ReportApi): void {
  if (answer.status >= 200 && answer.status < 300) return;
  throw new Error(describeRefusal(answer, { verb, plural: resource.plural, group: resource.group }));
}
