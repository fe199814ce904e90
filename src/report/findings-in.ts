import { compareText } from '../core/compare-text.ts';
import type { Report, ReportedFile, ReportedFinding } from './report.ts';

/** All findings of a report, in the order of file, line, column and rule. */
export function* findingsIn({ files }: Pick<Report, 'files'>): Generator<ReportedFinding> {
  for (const file of files) yield* findingsOf(file);
}

/** The findings of a file, in the order of line, column and rule. */
export function findingsOf({ objects }: ReportedFile): ReportedFinding[] {
  return objects.flatMap(({ findings }) => findings).sort(compareFindings);
}

type Ordered = Pick<ReportedFinding, 'place' | 'finding'>;

/** The order of two findings in one file. */
export function compareFindings(a: Ordered, b: Ordered): number {
  return (
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    compareText(a.finding.rule, b.finding.rule) ||
    compareText(a.finding.message, b.finding.message)
  );
}
