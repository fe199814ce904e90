import type { Log, Notification, Result } from 'sarif';
import { fingerprint } from './fingerprint.ts';
import type { Format, FormatOptions, InputProblem, Report, ReportedFinding } from './report.ts';
import { findingLocation, problemLocation, SOURCE_ROOT } from './sarif-location.ts';
import { plainText, toResult } from './sarif-result.ts';
import { toReportingDescriptor } from './sarif-rule.ts';

/** SARIF 2.1.0 for GitHub's code scanning and everything else that reads it. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export const formatSarif: Format = (report, options) => {
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'vhostguard', semanticVersion: options.version, rules: report.rules.map(toReportingDescriptor) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [SOURCE_ROOT]: { description: { text: 'the root of the repository' } } },
        invocations: [
          {
            executionSuccessful: options.exitCode !== 3,
            exitCode: options.exitCode,
            toolExecutionNotifications: toNotifications(report, options),
          },
        ],
        results: toResults(report, options),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
};

/** GitHub refuses a run with more, and shows the 5,000 most severe. */
const MOST_RESULTS = 25_000;

/** A crash of a rule, and what cannot be judged, say nothing of the object: they are notifications, unless the latter fails the run. */
function isResult({ finding, isFailing }: ReportedFinding): boolean {
  return finding.status !== 'error' && (isFailing || !finding.isUnknown);
}

function toResults({ findings, rules }: Report, { sourcePath }: FormatOptions): Result[] {
  const indexes = new Map<string, number>(rules.map(({ id }, index) => [id, index]));
  const occurrences = new Map<string, number>();
  const results = findings.filter(isResult).map((entry) => {
    const ruleIndex = indexes.get(entry.finding.rule);
    return {
      ...toResult(entry, sourcePath),
      ...(ruleIndex === undefined ? {} : { ruleIndex }),
      partialFingerprints: { primaryLocationLineHash: identify(entry, sourcePath, occurrences) },
    };
  });
  return results.length <= MOST_RESULTS ? results : mostSevere(results);
}

const SEVEREST_FIRST: readonly (Result.level | undefined)[] = ['error', 'warning', 'note'];

function mostSevere(results: readonly Result[]): Result[] {
  const rank = ({ level }: Result): number => SEVEREST_FIRST.indexOf(level);
  return results.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_RESULTS);
}

/** The same for the same complaint wherever it moves in its file, so that an alert neither returns nor flaps. */
function identify({ finding, object, field, place }: ReportedFinding, sourcePath: FormatOptions['sourcePath'], seen: Map<string, number>) {
  const hash = fingerprint(finding.rule, sourcePath(place.file), object.kind, object.namespace, object.name, field);
  const occurrence = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, occurrence);
  return `${hash}:${occurrence}`;
}

function toNotifications(report: Report, { sourcePath }: FormatOptions): Notification[] {
  const left = report.findings.filter(isResult).length - MOST_RESULTS;
  return [
    ...report.problems.map((problem) => ({
      level: 'error' as const,
      message: { text: plainText(describeProblem(problem)) },
      locations: [problemLocation(problem, sourcePath)],
    })),
    ...report.findings.filter((entry) => !isResult(entry)).map((entry) => toNotification(entry, sourcePath)),
    ...(left > 0
      ? [{ level: 'warning' as const, message: { text: `${left} results are left out: no more than ${MOST_RESULTS} are taken` } }]
      : []),
  ];
}

function describeProblem({ message, hint }: InputProblem): string {
  return hint === undefined ? message : `${message} (${hint})`;
}

function toNotification(entry: ReportedFinding, sourcePath: FormatOptions['sourcePath']): Notification {
  const { rule, message, isUnknown } = entry.finding;
  return {
    level: isUnknown ? 'note' : 'error',
    message: { text: plainText(isUnknown ? `cannot be judged: ${message}` : message) },
    associatedRule: { id: rule },
    locations: [findingLocation(entry, sourcePath)],
  };
}
