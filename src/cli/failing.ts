import type { Finding, Severity } from '../engine/finding.ts';
import { levelOf } from '../report/level.ts';
import type { Report } from '../report/report.ts';
import type { ExitCode } from './io.ts';

export type FailOn = Severity | 'never';

/** What makes a check fail. */
export interface FailOptions {
  readonly failOn: FailOn;
  readonly failOnUnknown: boolean;
  readonly failIfEmpty: boolean;
}

const RANK: Readonly<Record<FailOn, number>> = {
  info: 0,
  warning: 1,
  error: 2,
  never: 3,
};

/** Whether a finding alone makes the exit code 1. */
export function isFailing(finding: Finding, { failOn, failOnUnknown }: FailOptions): boolean {
  if (finding.repaired || finding.status === 'error') return false;
  if (finding.isUnknown) return failOnUnknown;
  if (finding.status === 'skip') return false;
  return RANK[levelOf(finding)] >= RANK[failOn];
}

/** The exit code of a check, the same for every format. */
export function exitCodeOf({ failing, problems, summary }: Report, { failIfEmpty }: FailOptions): ExitCode {
  if (problems.length > 0 || summary.error > 0) return 3;
  if (failing > 0) return 1;
  return failIfEmpty && summary.inScope === 0 ? 1 : 0;
}
