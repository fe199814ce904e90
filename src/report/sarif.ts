import type { Log, Notification, Result } from 'sarif';
import { findingsIn } from './findings-in.ts';
import { fingerprint } from './fingerprint.ts';
import { jsonText } from './json-text.ts';
import type { Format, FormatOptions, InputProblem, Report, ReportedFinding } from './report.ts';
import { findingLocation, problemLocation, SOURCE_ROOT } from './sarif-location.ts';
import { plainText, toLevel, toResult } from './sarif-result.ts';
import { toReportingDescriptor } from './sarif-rule.ts';

/** SARIF 2.1.0 for GitHub's code scanning and everything else that reads it. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export const formatSarif: Format = function* (report, options) {
  const counts = countLevels(report);
  const log = {
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
            toolExecutionNotifications: notificationsOf(report, options, total(counts) - MOST_RESULTS),
          },
        ],
        results: mostSevere(report, options, counts),
      },
    ],
  } satisfies Streamed<Log>;
  yield* jsonText(log);
  yield '\n';
};

/** The same with lists that need not be in memory as a whole. */
type Streamed<T> = T extends readonly (infer Item)[] ? Iterable<Streamed<Item>> : T extends object ? { [K in keyof T]: Streamed<T[K]> } : T;

/** GitHub refuses a run with more, and shows the 5,000 most severe. */
const MOST_RESULTS = 25_000;

/** A crash of a rule, and what cannot be judged, say nothing of the object: they are notifications, unless the latter fails the run. */
function isResult({ finding, isFailing }: ReportedFinding): boolean {
  return finding.status !== 'error' && (isFailing || !finding.isUnknown);
}

function* resultsOf(report: Report, { sourcePath }: FormatOptions): Generator<Result> {
  const indexes = new Map<string, number>(report.rules.map(({ id }, index) => [id, index]));
  const occurrences = new Map<string, number>();
  for (const entry of findingsIn(report)) {
    if (!isResult(entry)) continue;
    const ruleIndex = indexes.get(entry.finding.rule);
    yield {
      ...toResult(entry, sourcePath),
      ...(ruleIndex === undefined ? {} : { ruleIndex }),
      partialFingerprints: { primaryLocationLineHash: identify(entry, sourcePath, occurrences) },
    };
  }
}

const SEVEREST_FIRST = ['error', 'warning', 'note'] as const;

/** How many results there are of each level. */
type LevelCounts = Readonly<Record<string, number>>;

function countLevels(report: Report): LevelCounts {
  const counts: Record<string, number> = {};
  for (const entry of findingsIn(report)) if (isResult(entry)) counts[toLevel(entry)] = (counts[toLevel(entry)] ?? 0) + 1;
  return counts;
}

function total(counts: LevelCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** All results in the order of the report, or as many of the most severe as are taken. */
function* mostSevere(report: Report, options: FormatOptions, counts: LevelCounts): Generator<Result> {
  if (total(counts) <= MOST_RESULTS) {
    yield* resultsOf(report, options);
    return;
  }
  let left = MOST_RESULTS;
  for (const level of SEVEREST_FIRST) {
    for (const result of left > 0 ? resultsOf(report, options) : []) {
      if (result.level !== level || left === 0) continue;
      left -= 1;
      yield result;
    }
  }
}

/** The same for the same complaint wherever it moves in its file, so that an alert neither returns nor flaps. */
function identify({ finding, object, field, place }: ReportedFinding, sourcePath: FormatOptions['sourcePath'], seen: Map<string, number>) {
  const hash = fingerprint(finding.rule, sourcePath(place.file), object.kind, object.namespace, object.name, field);
  const occurrence = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, occurrence);
  return `${hash}:${occurrence}`;
}

/** @param left how many results are left out; none when it is negative. */
function* notificationsOf(report: Report, { sourcePath }: FormatOptions, left: number): Generator<Notification> {
  for (const problem of report.problems) {
    const message = { text: plainText(describeProblem(problem)) };
    yield { level: 'error', message, locations: [problemLocation(problem, sourcePath)] };
  }
  for (const entry of findingsIn(report)) if (!isResult(entry)) yield toNotification(entry, sourcePath);
  if (left > 0) yield { level: 'warning', message: { text: `${left} results are left out: no more than ${MOST_RESULTS} are taken` } };
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
