import type { JsonObject } from '../core/json.ts';
import type { RuleId } from '../engine/finding.ts';

/** What a user expects of some objects, as one document of kind Suite says it. Paths are as written: relative to `file`. */
export interface Suite {
  readonly file: string;
  /** The 1-based line on which it begins. */
  readonly line: number;
  readonly tests: readonly SuiteTest[];
}

/** An object, or the file that holds it; `FILE#Kind/name` picks one of several in a file. */
export type ObjectSource = string | JsonObject;

/** One object, and what should become of it. */
export interface SuiteTest {
  readonly name: string;
  /** The 1-based line on which it begins. */
  readonly line: number;
  readonly object: ObjectSource;
  /** Files of what rules look up. */
  readonly context: readonly string[];
  /** A configuration file. */
  readonly config?: string;
  /** The day to judge exemptions by, `YYYY-MM-DD`. */
  readonly asOf?: string;
  readonly expect: Expectation;
}

/** What should become of an object. A key that is absent expects nothing. */
export interface Expectation {
  readonly allowed?: boolean;
  /** The rules that deny or warn after admission's repairs. Rules of severity info may be among them and need not be. */
  readonly rules?: readonly RuleId[];
  /** True when `rules` and `skips` may be fewer than there are. */
  readonly contains: boolean;
  /** Texts that the messages of such rules must hold, each in at least one. */
  readonly messages?: readonly string[];
  /** The object as admission should leave it. */
  readonly repaired?: ObjectSource;
  /** The rules that cannot be judged, or that an exemption covers. */
  readonly skips?: readonly RuleId[];
}
