import { compareText } from '../core/compare-text.ts';
import { toFieldPath, valueAt } from '../core/path.ts';
import type { Subject } from '../core/subject.ts';
import type { Finding } from '../engine/finding.ts';
import type { Judgement } from '../engine/judge.ts';
import type { RuleMeta } from '../engine/rule.ts';
import { compareFindings } from './findings-in.ts';
import { PackedRecords } from './packed-records.ts';
import type { InputProblem, ObjectReference, Place, Replacement, Report, ReportedFile, ReportedFinding, ReportedObject } from './report.ts';

/** Where an object was read from. */
export interface Origin {
  readonly file: string;
  locate(finding: Finding): Place;
  /** What the finding's fix changes in the file; empty where that cannot be written. */
  replacementsFor(finding: Finding): readonly Replacement[];
}

export interface ReportBuilderOptions {
  readonly rules: readonly RuleMeta[];
  /** Whether a finding makes the exit code 1. */
  readonly isFailing: (finding: Finding) => boolean;
  /** Whether a format shows replacements; they cost time. */
  readonly hasReplacements: boolean;
}

/** A finding without what its object and its rule say already. */
type KeptFinding = Omit<ReportedFinding, 'object' | 'remedy'>;

interface KeptObject extends Omit<ReportedObject, 'findings'> {
  readonly findings: readonly KeptFinding[];
}

/** Gathers judgements into a report. What it keeps of a file is packed when the next one begins: no object outlives `add`. */
export class ReportBuilder {
  readonly #options: ReportBuilderOptions;
  readonly #remedies: ReadonlyMap<string, string>;
  readonly #kept = new PackedRecords<readonly KeptObject[]>();
  /** The file that `add` was called for last, and what was found in it. */
  #file = '';
  #objects: KeptObject[] = [];
  readonly #problems: InputProblem[] = [];
  readonly #counts = { objects: 0, inScope: 0, pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  #hosts = 0;
  #failing = 0;
  #repaired = 0;

  constructor(options: ReportBuilderOptions) {
    this.#options = options;
    this.#remedies = new Map(options.rules.map(({ id, remedy }) => [id, remedy]));
  }

  add(subject: Subject, judgement: Judgement, origin: Origin): void {
    this.#counts.objects += 1;
    if (!judgement.inScope) return;
    this.#counts.inScope += 1;
    if (subject.kind === 'HostSnapshot') this.#hosts += 1;
    this.#counts.pass += judgement.passed.length;
    const { apiVersion, kind, namespace, name } = subject;
    this.#keep({ apiVersion, kind, namespace, name, ...uidOf(subject) }, judgement, origin);
  }

  /** Takes in findings on a file that is none of the objects judged, such as the configuration: they count, it does not. */
  addBeside(object: ObjectReference, findings: readonly Finding[], origin: Origin): void {
    if (findings.length > 0) this.#keep(object, { findings, passed: [] }, origin);
  }

  addProblem(problem: InputProblem): void {
    this.#problems.push(problem);
  }

  /** The report of what was added so far. */
  build(): Report {
    this.#pack();
    return {
      summary: { ...this.#counts },
      hosts: this.#hosts,
      failing: this.#failing,
      repaired: this.#repaired,
      files: { [Symbol.iterator]: () => this.#files() },
      problems: this.#problems.toSorted((a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column),
      rules: this.#options.rules.toSorted((a, b) => compareText(a.id, b.id)),
    };
  }

  #keep(object: ObjectReference, { findings, passed }: Pick<Judgement, 'findings' | 'passed'>, origin: Origin): void {
    if (origin.file !== this.#file) this.#pack();
    this.#file = origin.file;
    this.#objects.push({ object, passed, findings: findings.map((finding) => this.#toKept(finding, origin)).sort(compareFindings) });
  }

  #toKept(finding: Finding, origin: Origin): KeptFinding {
    const { hasReplacements, isFailing } = this.#options;
    const kept = {
      finding,
      field: toFieldPath(finding.path),
      place: origin.locate(finding),
      isFailing: isFailing(finding),
      replacements: hasReplacements ? origin.replacementsFor(finding) : [],
    };
    this.#counts[finding.status] += 1;
    if (kept.isFailing) this.#failing += 1;
    if (finding.repaired) this.#repaired += 1;
    return kept;
  }

  #pack(): void {
    if (this.#objects.length > 0) this.#kept.add(this.#file, this.#objects);
    this.#objects = [];
  }

  *#files(): Generator<ReportedFile> {
    for (const [file, objects] of this.#kept.entries()) yield { file, objects: objects.map((kept) => this.#toReported(kept)) };
  }

  #toReported({ object, passed, findings }: KeptObject): ReportedObject {
    const { uid: _, ...reference } = object;
    const remedyOf = ({ finding }: KeptFinding): string => this.#remedies.get(finding.rule) ?? '';
    return { object, passed, findings: findings.map((kept) => ({ ...kept, object: reference, remedy: remedyOf(kept) })) };
  }
}

/** As the API server makes them; anything else in a file is no reason to name or own a report by it. */
const UID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function uidOf({ object }: Subject): Pick<ObjectReference, 'uid'> {
  const uid = valueAt(object, ['metadata', 'uid']);
  return typeof uid === 'string' && UID.test(uid) ? { uid } : {};
}
