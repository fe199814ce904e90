import type { Finding, Severity } from '../engine/finding.ts';
import type { FormatOptions, ReportedFinding } from './report.ts';

/** The severity that a finding counts with: an error that only warns is a warning. */
export function levelOf({ status, severity }: Finding): Severity {
  return status === 'warn' && severity === 'error' ? 'warning' : severity;
}

/** True for what `--quiet` leaves in a report. */
export function isShown({ finding }: ReportedFinding, { isQuiet }: Pick<FormatOptions, 'isQuiet'>): boolean {
  return !isQuiet || ((finding.status === 'fail' || finding.status === 'error') && !finding.repaired);
}
