import { BackOff } from '../cluster/back-off.ts';
import { trim } from '../cluster/list.ts';
import type { Pace } from '../cluster/reflector.ts';
import type { Send } from '../cluster/writes.ts';
import { describeError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ScanMetrics } from '../telemetry/scan-metrics.ts';
import { EventRecorder } from './events.ts';
import { describeRefusal } from './refusal.ts';
import { planReport } from './report-plan.ts';
import { failingRules, REPORT_APIS, type ReportApi, type WantedReport } from './report-wanted.ts';
import { ReportWriter, type WriteResult } from './report-writer.ts';
import type { Assessment, Assessor } from './scan-assess.ts';
import type { Dependency } from './scan-dependencies.ts';
import type { RepeatedProblems } from './scan-problems.ts';
import { type Retry, WorkQueue } from './scan-queue.ts';
import { readKnownReports } from './scan-reports.ts';
import { ScanState } from './scan-state.ts';
import { pathOf, readKey, type SubjectKey } from './scan-subjects.ts';
import type { ServedVersions } from './served-versions.ts';

/** What to do for a subject: write what was found already, or look at it first. */
interface Job {
  readonly found?: { readonly wanted: WantedReport | undefined };
  /** Waits after failures; absent before the first one. */
  readonly backOff?: BackOff;
}

const LOOK: Job = {};

/** Reports that may wait in memory; subjects beyond that are looked at again when it is their turn. */
const MOST_HELD = 1000;

export interface ReportKeeperOptions {
  readonly send: Send;
  readonly assessor: Assessor;
  readonly logger: Logger;
  readonly metrics: ScanMetrics;
  readonly problems: RepeatedProblems;
  readonly pace: Pace;
  readonly versions: Pick<ServedVersions, 'of'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Knows the reports and Events of all subjects, and makes them what they must be. */
export class ReportKeeper {
  readonly #options: ReportKeeperOptions;
  readonly #state: ScanState;
  readonly #writer: ReportWriter;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue<Job>;
  #api: ReportApi | undefined;

  constructor(options: ReportKeeperOptions) {
    this.#options = options;
    const { send, metrics, now, logger } = options;
    this.#state = new ScanState(metrics);
    this.#writer = new ReportWriter({ send, metrics, warn: (message) => logger.warn(message) });
    this.#events = new EventRecorder({ send, metrics, now });
    this.#queue = new WorkQueue({ work: (key, job) => this.#work(key, job), concurrency: 8, perSecond: 1000 });
  }

  /** False while the API of the reports is not installed, or may not be read. */
  get isWriting(): boolean {
    return this.#api !== undefined;
  }

  inScope(kind: string): number {
    return this.#state.inScope(kind);
  }

  /** Learns which reports the cluster holds, and whether it can hold any. @throws AppError CLUSTER_UNREACHABLE */
  async readReports(): Promise<void> {
    const { assessor, logger, metrics, problems, send } = this.#options;
    const api = REPORT_APIS[assessor.settings.reports.api];
    const known = await readKnownReports(api, send);
    const { plural, group } = api.resource;
    problems.forget();
    metrics.reportApi(known.state === 'listed');
    if (known.state === 'listed') {
      if (this.#api === undefined) logger.info(`policy reports are written as ${plural} of ${group}`);
      this.#api = api;
      this.#state.replaceKnown(known.reports, (key) => this.#queue.has(key));
      return;
    }
    if (this.#api !== undefined) this.#state.replaceKnown(new Map(), (key) => this.#queue.has(key));
    this.#api = undefined;
    const reason =
      known.state === 'not-installed'
        ? `${plural} of ${group} are not installed`
        : describeRefusal({ status: 403, body: undefined }, { verb: 'list', plural, group });
    problems.tell(`no policy reports are written: ${reason}; this log and the metrics tell what is found`);
  }

  /** Looks whether reports could be written now. */
  async canWrite(): Promise<boolean> {
    const { assessor, send } = this.#options;
    const { resource } = REPORT_APIS[assessor.settings.reports.api];
    const answer = await send('GET', `/apis/${resource.group}/${resource.version}/${resource.plural}?limit=1`).catch(() => undefined);
    return answer?.status === 200;
  }

  /** Takes in what a subject came to, and has its report written if it is not right. */
  take(assessment: Assessment, list: number): void {
    const { key, wanted } = assessment;
    this.#state.judged(assessment, list);
    this.#want(key, wanted);
  }

  /** The subject does not exist any more. */
  takeGone(key: SubjectKey): void {
    this.#state.gone(key);
    this.#want(key, undefined);
  }

  /** Judges all subjects again that looked this up. */
  lookAtUsersOf(dependency: Dependency): void {
    for (const key of this.#state.dependencies.usersOf(dependency)) this.#queue.add(key, LOOK);
  }

  /** Looks for what a complete list of a kind did not hold. */
  lookAtUnseen(kind: string, list: number): void {
    for (const key of this.#state.unseen(kind, list)) this.#queue.add(key, LOOK);
  }

  whenBelow(size: number): Promise<void> {
    return this.#queue.whenBelow(size);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #want(key: SubjectKey, wanted: WantedReport | undefined): void {
    const { write, removals } = planReport(wanted, this.#state.known(key));
    if (write === undefined && removals.length === 0 && !this.#queue.has(key)) return;
    this.#queue.add(key, this.#queue.size < MOST_HELD ? { found: { wanted } } : LOOK);
  }

  async #work(key: SubjectKey, job: Job): Promise<Retry<Job> | undefined> {
    const subject = readKey(key);
    if (subject === undefined) return undefined;
    try {
      const wanted = job.found === undefined ? await this.#look(key) : job.found.wanted;
      const { known, obstacle } = await this.#write(key, subject.namespace, wanted);
      this.#state.setKnown(key, known);
      if (obstacle !== undefined) return this.#retry(job, obstacle);
      if (wanted !== undefined) await this.#tell(key, wanted);
      return undefined;
    } catch (thrown) {
      return this.#retry(job, describeError(thrown));
    }
  }

  async #look(key: SubjectKey): Promise<WantedReport | undefined> {
    const subject = readKey(key);
    if (subject === undefined) return undefined;
    const { namespace, name } = subject;
    const resource = this.#options.versions.of(subject.resource);
    const answer = await this.#options.send('GET', pathOf(resource, namespace, name));
    if (answer.status === 404) {
      this.#state.gone(key);
      return undefined;
    }
    if (answer.status !== 200 || !isObject(answer.body)) throw new Error(describeRefusal(answer, { ...resource, verb: 'get' }));
    const assessment = this.#options.assessor.assess(trim(answer.body, resource));
    this.#state.judged(assessment, this.#state.listOf(key));
    return assessment.wanted;
  }

  async #write(key: SubjectKey, namespace: string, wanted: WantedReport | undefined): Promise<WriteResult> {
    const known = this.#state.known(key);
    if (this.#api !== undefined) return this.#writer.write(this.#api, namespace, wanted, known);
    const isChanged = planReport(wanted, known).write !== undefined;
    if (wanted === undefined) return { known: [] };
    if (isChanged) this.#options.logger.info(describe(key, wanted));
    return { known: [{ name: wanted.name, hash: wanted.hash, failing: failingRules(wanted) }] };
  }

  async #tell(key: SubjectKey, wanted: WantedReport): Promise<void> {
    const untold = this.#state.takeUntold(key, wanted);
    if (untold.length === 0 || !this.#options.assessor.settings.reports.events) return;
    const obstacle = await this.#events.record(wanted, untold);
    if (obstacle !== undefined) this.#options.problems.tell(`no Event was written: ${obstacle}`);
  }

  #retry({ backOff }: Job, obstacle: string): Retry<Job> {
    const { pace, problems } = this.#options;
    const next = backOff ?? new BackOff({ firstMs: pace.firstRetryMs, mostMs: pace.mostRetryMs });
    problems.tell(`a policy report is not up to date: ${obstacle}; another attempt follows`);
    return { afterMs: next.next(), job: { backOff: next } };
  }
}

/** What was found in a subject, for the log: names and rules only. */
function describe(key: SubjectKey, { outcome: { findings } }: WantedReport): string {
  const rulesOf = (wanted: string): string[] => [...new Set(findings.filter(({ status }) => status === wanted).map(({ rule }) => rule))];
  const parts = ['fail', 'error', 'warn'].flatMap((status) => {
    const rules = rulesOf(status);
    return rules.length === 0 ? [] : [`${status} ${rules.join(' ')}`];
  });
  return `${key}: ${parts.length === 0 ? 'nothing found' : parts.join(', ')}`;
}
