import type { Finding, RuleId } from '../engine/finding.ts';
import type { RuleMeta } from '../engine/rule.ts';
import type { Excerpt } from './excerpt.ts';

/** Where something stands in a file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** Of line `line`. */
  readonly excerpt: Excerpt;
  /** The program whose output the line counts in, where no file of that name has it. */
  readonly renderedBy?: Renderer;
}

/** Programs that make manifests of other files. */
export type Renderer = 'helm' | 'kustomize';

/** A change of a file's text: what stands from `line` and `column` up to the end gives way to `text`. Counts from 1. */
export interface Replacement {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

/** What tells an object from all others. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Only objects that were read from a cluster have one. */
  readonly uid?: string;
}

/** A finding with everything that a format may show of it. */
export interface ReportedFinding {
  readonly finding: Finding;
  readonly field: string;
  readonly place: Place;
  readonly object: Omit<ObjectReference, 'uid'>;
  /** What to change, one sentence of Markdown. */
  readonly remedy: string;
  /** True when this finding alone makes the exit code 1. */
  readonly isFailing: boolean;
  /** What the fix changes in the file. Empty without a fix, where it cannot be written as text, and unless a format shows them. */
  readonly replacements: readonly Replacement[];
}

/** All that the rules said of one object with a vhost-user NIC. */
export interface ReportedObject {
  readonly object: ObjectReference;
  /** The rules that found nothing. */
  readonly passed: readonly RuleId[];
  readonly findings: readonly ReportedFinding[];
}

/** What was found in a file that holds objects with a vhost-user NIC. */
export interface ReportedFile {
  readonly file: string;
  /** In the order of the file. */
  readonly objects: readonly ReportedObject[];
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
  /** As in `Place`. */
  readonly renderedBy?: Renderer;
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

/** The result of a run: the same for every format. */
export interface Report {
  readonly summary: Summary;
  /** How many of the objects judged are hosts, which have no NIC to be counted by. */
  readonly hosts: number;
  /** How many findings make the exit code 1. */
  readonly failing: number;
  /** How many findings admission repairs by itself. */
  readonly repaired: number;
  /** In the order of their names. Can be gone through as often as needed, and is made anew each time: a run may find more than fits into memory. */
  readonly files: Iterable<ReportedFile>;
  readonly problems: readonly InputProblem[];
  /** The metadata of every rule, in the order of ids. */
  readonly rules: readonly RuleMeta[];
}

/** What a format may know of the run besides its report. */
export interface FormatOptions {
  readonly isColored: boolean;
  /** Shows only what fails and what could not be read. */
  readonly isQuiet: boolean;
  readonly exitCode: number;
  /** Of this program. */
  readonly version: string;
  /** A file's path below the root of the repository, with forward slashes; where it is not below, its absolute path. */
  readonly sourcePath: (file: string) => string;
}

/** A format is a pure function to pieces of text, which together end in a newline. */
export type Format = (report: Report, options: FormatOptions) => Iterable<string>;
