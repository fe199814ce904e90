import { toFieldPath } from '../core/path.ts';
import type { Subject } from '../core/subject.ts';
import type { Finding } from '../engine/finding.ts';
import type { Judgement } from '../engine/judge.ts';

/** Where something stands in a file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The text of line `line`. */
  readonly source: string;
}

/** A finding with everything that a format may show of it. */
export interface ReportedFinding {
  readonly finding: Finding;
  readonly field: string;
  readonly place: Place;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  /** What to change, one sentence of Markdown. */
  readonly remedy: string;
}

/** Input that could not be judged. */
export interface InputProblem {
  readonly file: string;
  /** Counts from 1; 0 when the problem is the file as a whole. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
  /** The text of line `line`. */
  readonly source?: string;
}

/** How many objects were seen and judged, and the results of rules by status. */
export interface Summary {
  readonly objects: number;
  readonly inScope: number;
  readonly pass: number;
  readonly fail: number;
  readonly warn: number;
  readonly error: number;
  readonly skip: number;
}

/** The result of a run: the same for every format. Findings are in order of file, line, column and rule. */
export interface Report {
  readonly summary: Summary;
  readonly findings: readonly ReportedFinding[];
  readonly problems: readonly InputProblem[];
}

/** Whether to colour, and what to leave out. */
export interface FormatOptions {
  readonly isColored: boolean;
  /** Shows only what fails and what could not be read. */
  readonly isQuiet: boolean;
}

/** A format is a pure function to text that ends in a newline. */
export type Format = (report: Report, options: FormatOptions) => string;

/** Gathers judgements into a report. Keeps findings only: no object outlives `add`. */
export class ReportBuilder {
  readonly #remedies: ReadonlyMap<string, string>;
  readonly #findings: ReportedFinding[] = [];
  readonly #problems: InputProblem[] = [];
  #objects = 0;
  #inScope = 0;
  #pass = 0;

  /** @param remedies by rule id. */
  constructor(remedies: ReadonlyMap<string, string>) {
    this.#remedies = remedies;
  }

  add(subject: Subject, judgement: Judgement, locate: (finding: Finding) => Place): void {
    this.#objects += 1;
    if (!judgement.inScope) return;
    this.#inScope += 1;
    this.#pass += judgement.passed;
    const { apiVersion, kind, namespace, name } = subject;
    for (const finding of judgement.findings) {
      const remedy = this.#remedies.get(finding.rule) ?? '';
      this.#findings.push({
        finding,
        field: toFieldPath(finding.path),
        place: locate(finding),
        object: { apiVersion, kind, namespace, name },
        remedy,
      });
    }
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
      findings: this.#findings.toSorted(compareFindings),
      problems: this.#problems.toSorted((a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column),
    };
  }
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

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
