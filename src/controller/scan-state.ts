import type { ScanMetrics } from '../telemetry/scan-metrics.ts';
import type { KnownReport } from './report-plan.ts';
import { failingRules, type WantedReport } from './report-wanted.ts';
import type { Assessment } from './scan-assess.ts';
import { DependencyIndex } from './scan-dependencies.ts';
import type { SubjectKey } from './scan-subjects.ts';

/** What is kept of a subject that has a report, or should have one, or that may come into scope without being changed itself. */
interface Entry {
  readonly kind: string;
  /** The list of its kind in which it was seen last. */
  list: number;
  /** `RULE status` of each finding that stands; `undefined` out of scope. */
  tally: readonly string[] | undefined;
  /** Its reports in the cluster. */
  known: readonly KnownReport[];
  /** The rules that fail and were told so. */
  told: readonly string[];
}

const NO_REPORTS: readonly KnownReport[] = [];
const NO_RULES: readonly string[] = [];

/** What a scan remembers of the cluster: no objects, and nothing of an object that has no vhost-user NIC and cannot get one from elsewhere. */
export class ScanState {
  readonly dependencies = new DependencyIndex();
  readonly #metrics: ScanMetrics;
  readonly #entries = new Map<SubjectKey, Entry>();
  readonly #inScope = new Map<string, number>();
  /** Each text once: most subjects share their few findings. */
  readonly #texts = new Map<string, string>();

  constructor(metrics: ScanMetrics) {
    this.#metrics = metrics;
  }

  /** The reports of a subject that are in the cluster. */
  known(key: SubjectKey): readonly KnownReport[] {
    return this.#entries.get(key)?.known ?? NO_REPORTS;
  }

  setKnown(key: SubjectKey, known: readonly KnownReport[]): void {
    if (known.length === 0 && !this.#entries.has(key)) return;
    this.#entry(key).known = known;
    this.#dropIfEmpty(key);
  }

  /** Takes over what a list of all reports holds. @param isBusy true for a subject whose reports are being written. */
  replaceKnown(reports: ReadonlyMap<SubjectKey, readonly KnownReport[]>, isBusy: (key: SubjectKey) => boolean): void {
    for (const key of [...this.#entries.keys()]) if (!reports.has(key) && !isBusy(key)) this.setKnown(key, NO_REPORTS);
    for (const [key, known] of reports) {
      if (isBusy(key)) continue;
      const isNew = !this.#entries.has(key);
      this.setKnown(key, known);
      // What an earlier run of the controller reported, it told too.
      if (isNew) this.#entry(key).told = known.flatMap(({ failing }) => failing);
    }
  }

  /** The rules that began to fail since they were last asked for. */
  takeUntold(key: SubjectKey, wanted: WantedReport): string[] {
    const failing = failingRules(wanted);
    const entry = this.#entry(key);
    const untold = failing.filter((rule) => !entry.told.includes(rule));
    entry.told = failing.length === 0 ? NO_RULES : failing.map((rule) => this.#intern(rule));
    return untold;
  }

  /** Takes in what a subject came to. @param list the list of its kind in which it was seen, or that came before. */
  judged({ key, wanted, dependencies }: Assessment, list: number): void {
    this.#metrics.evaluated(kindOf(key));
    this.dependencies.set(key, dependencies);
    if (wanted === undefined && dependencies.size === 0 && !this.#entries.has(key)) return;
    const entry = this.#entry(key);
    entry.list = list;
    this.#count(
      entry,
      wanted?.outcome.findings.map(({ rule, status }) => this.#intern(`${rule} ${status}`)),
    );
    this.#dropIfEmpty(key);
  }

  /** The subject does not exist any more. Its reports may. */
  gone(key: SubjectKey): void {
    this.dependencies.delete(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#count(entry, undefined);
    this.#dropIfEmpty(key);
  }

  /** Subjects of a kind that were seen before, or have a report, and were not in this list. */
  unseen(kind: string, list: number): SubjectKey[] {
    const keys: SubjectKey[] = [];
    for (const [key, entry] of this.#entries) if (entry.kind === kind && entry.list !== list) keys.push(key);
    return keys;
  }

  /** The list of its kind in which a subject was seen last. */
  listOf(key: SubjectKey): number {
    return this.#entries.get(key)?.list ?? -1;
  }

  /** How many subjects of a kind are in scope. */
  inScope(kind: string): number {
    return this.#inScope.get(kind) ?? 0;
  }

  #entry(key: SubjectKey): Entry {
    const existing = this.#entries.get(key);
    if (existing !== undefined) return existing;
    const entry: Entry = { kind: this.#intern(kindOf(key)), list: -1, tally: undefined, known: NO_REPORTS, told: NO_RULES };
    this.#entries.set(key, entry);
    return entry;
  }

  #dropIfEmpty(key: SubjectKey): void {
    const entry = this.#entries.get(key);
    if (entry?.tally !== undefined || (entry?.known.length ?? 0) > 0 || this.dependencies.has(key)) return;
    this.#entries.delete(key);
  }

  #count(entry: Entry, tally: readonly string[] | undefined): void {
    const change = Number(tally !== undefined) - Number(entry.tally !== undefined);
    this.#inScope.set(entry.kind, this.inScope(entry.kind) + change);
    for (const finding of entry.tally ?? []) this.#countFinding(finding, -1);
    for (const finding of tally ?? []) this.#countFinding(finding, 1);
    entry.tally = tally;
    if (tally === undefined) entry.told = NO_RULES;
  }

  #countFinding(finding: string, change: 1 | -1): void {
    const [rule = '', status = ''] = finding.split(' ');
    this.#metrics.findings(rule, status, change);
  }

  #intern(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }
}

function kindOf(key: SubjectKey): string {
  return key.slice(0, key.indexOf(' '));
}
