import { compareText } from '../core/compare-text.ts';
import { toFieldPath, valueAt } from '../core/path.ts';
import type { Subject } from '../core/subject.ts';
import type { Finding } from '../engine/finding.ts';
import type { Judgement } from '../engine/judge.ts';
import type { RuleMeta } from '../engine/rule.ts';
import type { Detail, InputProblem, ObjectReference, Place, Replacement, Report, ReportedFinding, ReportedObject } from './report.ts';

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
  readonly details: ReadonlySet<Detail>;
}

/** Gathers judgements into a report. Keeps findings only, and what was asked for: no object outlives `add`. */
export class ReportBuilder {
  readonly #options: ReportBuilderOptions;
  readonly #remedies: ReadonlyMap<string, string>;
  readonly #findings: ReportedFinding[] = [];
  readonly #problems: InputProblem[] = [];
  readonly #reported: ReportedObject[] = [];
  #objects = 0;
  #inScope = 0;
  #hosts = 0;
  #pass = 0;

  constructor(options: ReportBuilderOptions) {
    this.#options = options;
    this.#remedies = new Map(options.rules.map(({ id, remedy }) => [id, remedy]));
  }

  add(subject: Subject, judgement: Judgement, origin: Origin): void {
    this.#objects += 1;
    if (!judgement.inScope) return;
    this.#inScope += 1;
    if (subject.kind === 'HostSnapshot') this.#hosts += 1;
    this.#pass += judgement.passed.length;
    const object = {
      apiVersion: detach(subject.apiVersion),
      kind: detach(subject.kind),
      namespace: detach(subject.namespace),
      name: detach(subject.name),
    };
    this.#report({ ...object, ...uidOf(subject) }, judgement, origin);
  }

  /** Takes in findings on a file that is none of the objects judged, such as the configuration: they count, it does not. */
  addBeside(object: ObjectReference, findings: readonly Finding[], origin: Origin): void {
    if (findings.length > 0) this.#report(object, { findings, passed: [] }, origin);
  }

  /** What was found so far, in the order of the input. */
  get findings(): readonly ReportedFinding[] {
    return this.#findings;
  }

  #report({ uid, ...object }: ObjectReference, { findings, passed }: Pick<Judgement, 'findings' | 'passed'>, origin: Origin): void {
    const reported = findings.map((finding) => this.#toReported(finding, object, origin)).sort(compareFindings);
    this.#findings.push(...reported);
    if (!this.#options.details.has('objects')) return;
    this.#reported.push({ file: origin.file, object: uid === undefined ? object : { ...object, uid }, passed, findings: reported });
  }

  #toReported(finding: Finding, object: ReportedFinding['object'], origin: Origin): ReportedFinding {
    const place = origin.locate(finding);
    return {
      finding,
      field: toFieldPath(finding.path),
      place: { ...place, excerpt: { ...place.excerpt, text: detach(place.excerpt.text) } },
      object,
      remedy: this.#remedies.get(finding.rule) ?? '',
      isFailing: this.#options.isFailing(finding),
      replacements: this.#options.details.has('replacements') ? origin.replacementsFor(finding) : [],
    };
  }

  addProblem(problem: InputProblem): void {
    this.#problems.push(problem);
  }

  build(): Report {
    const counts = { fail: 0, warn: 0, error: 0, skip: 0 };
    for (const { finding } of this.#findings) counts[finding.status] += 1;
    return {
      summary: {
        objects: this.#objects,
        inScope: this.#inScope,
        pass: this.#pass,
        ...counts,
      },
      hosts: this.#hosts,
      findings: this.#findings.toSorted(compareFindings),
      problems: this.#problems.toSorted((a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column),
      rules: this.#options.rules.toSorted((a, b) => compareText(a.id, b.id)),
      objects: this.#reported,
    };
  }
}

/** A copy of its own: V8 makes a part of a string a view of the whole, which would keep every file's text in memory to the end. */
function detach(text: string): string {
  return structuredClone(text);
}

/** As the API server makes them; anything else in a file is no reason to name or own a report by it. */
const UID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function uidOf({ object }: Subject): Pick<ObjectReference, 'uid'> {
  const uid = valueAt(object, ['metadata', 'uid']);
  return typeof uid === 'string' && UID.test(uid) ? { uid } : {};
}

function compareFindings(a: ReportedFinding, b: ReportedFinding): number {
  return (
    compareText(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    compareText(a.finding.rule, b.finding.rule) ||
    compareText(a.finding.message, b.finding.message)
  );
}
