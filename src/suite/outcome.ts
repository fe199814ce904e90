import type { Suite, SuiteTest } from './suite.ts';

/** What became of one test. `error` could not be judged: a file of it cannot be read, or a rule crashed. */
export interface TestOutcome {
  readonly suite: Suite;
  readonly test: SuiteTest;
  readonly status: 'pass' | 'fail' | 'error';
  /** What differs from what is expected, or why it could not be judged: one text of one or more lines each; none for a pass. */
  readonly reasons: readonly string[];
}

/** What is wrong besides the outcome of tests: a suite that is none, or one that tests nothing. */
export interface SuiteProblem {
  readonly file: string;
  readonly status: 'fail' | 'error';
  readonly message: string;
}

/** What a run of suites came to, in the order of the input. */
export interface SuiteReport {
  readonly suites: number;
  readonly outcomes: readonly TestOutcome[];
  readonly problems: readonly SuiteProblem[];
}

/** How many tests passed, failed and could not be judged. */
export function countOutcomes({ outcomes }: SuiteReport): Readonly<Record<TestOutcome['status'], number>> {
  const counts = { pass: 0, fail: 0, error: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}
