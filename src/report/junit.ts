import type { RuleId } from '../engine/finding.ts';
import { adviceFor } from './advice.ts';
import { at } from './at.ts';
import { levelOf } from './level.ts';
import { objectName } from './object-name.ts';
import { describeRendering } from './rendering.ts';
import type { Format, InputProblem, Report, ReportedFinding, ReportedObject } from './report.ts';
import { element, escapeXml, startTag } from './xml.ts';

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

/** One rule on one object, or one problem of a file. */
interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** A line for lists of failures. */
  readonly message: string;
  readonly text: string;
}

/** The cases of a file. */
interface Suite {
  readonly file: string;
  readonly cases: readonly TestCase[];
}

/**
 * JUnit's XML: a suite per file, a case per object and rule, also for what passes, so that a case that fails today is known
 * to pass tomorrow. What fails the run, or would be denied, is a failure; a file that cannot be read is an error.
 */
export const formatJunit: Format = function* (report, { sourcePath }) {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${startTag('testsuites', { name: 'vhostguard', ...totalsOf(suitesOf(report)) })}`;
  for (const { file, cases } of suitesOf(report))
    yield `\n${element('testsuite', { name: sourcePath(file), ...countsOf(cases) }, cases.map(toXml))}`;
  yield '\n</testsuites>\n';
};

/** In the order of files, those among them that hold nothing but what could not be read. */
function* suitesOf({ files, problems, rules }: Report): Generator<Suite> {
  const names = new Map<string, string>(rules.map(({ id, name }) => [id, name]));
  const unread = new Map<string, TestCase[]>();
  for (const problem of problems) unread.set(problem.file, [...(unread.get(problem.file) ?? []), problemCase(problem)]);
  for (const { file, objects } of files) {
    for (const [name, cases] of unread) {
      if (name >= file) break;
      yield { file: name, cases };
      unread.delete(name);
    }
    yield { file, cases: [...(unread.get(file) ?? []), ...objects.flatMap((object) => objectCases(object, names))] };
    unread.delete(file);
  }
  for (const [file, cases] of unread) yield { file, cases };
}

function totalsOf(suites: Iterable<Suite>) {
  const totals = { tests: 0, failures: 0, errors: 0 };
  for (const { cases } of suites) {
    const { tests, failures, errors } = countsOf(cases);
    totals.tests += tests;
    totals.failures += failures;
    totals.errors += errors;
  }
  return totals;
}

function countsOf(cases: readonly TestCase[]) {
  const count = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

function problemCase(problem: InputProblem): TestCase {
  const { message, hint } = problem;
  return {
    classname: 'file',
    name: `readable ${at(problem)}`,
    outcome: 'error',
    message,
    text: `${at(problem)}: ${message}${hint === undefined ? '' : `\n${hint}`}`,
  };
}

function objectCases({ object, passed, findings }: ReportedObject, names: ReadonlyMap<string, string>): TestCase[] {
  const toCase = (rule: RuleId, own: readonly ReportedFinding[]): TestCase => ({
    classname: object.kind,
    name: `${rule} ${names.get(rule) ?? ''} ${objectName(object)}`,
    outcome: worstOf(own),
    message: own.map(({ finding }) => (finding.status === 'skip' ? (finding.reason ?? finding.message) : finding.message)).join('; '),
    text: own.map(describe).join('\n'),
  });
  const rules = [...new Set([...passed, ...findings.map(({ finding }) => finding.rule)])].sort();
  return rules.map((rule) =>
    toCase(
      rule,
      findings.filter(({ finding }) => finding.rule === rule),
    ),
  );
}

function worstOf(findings: readonly ReportedFinding[]): Outcome {
  const outcomes = findings.map(outcomeOf);
  return (['error', 'failure', 'passed', 'skipped'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'passed';
}

function outcomeOf({ finding: { status, repaired }, isFailing }: ReportedFinding): Outcome {
  if (status === 'error') return 'error';
  if (isFailing || (status === 'fail' && !repaired)) return 'failure';
  return status === 'skip' ? 'skipped' : 'passed';
}

function describe(entry: ReportedFinding): string {
  const { finding, place, field } = entry;
  const reason = finding.reason === undefined || finding.reason === finding.message ? '' : ` (${finding.reason})`;
  const rendering = describeRendering(place);
  const where = rendering === undefined ? at(place) : `${at(place)} (${rendering})`;
  return `${where}: ${levelOf(finding)}: ${field === '' ? '' : `${field}: `}${finding.message}${reason}\nfix: ${adviceFor(entry)}`;
}

function toXml({ classname, name, outcome, message, text }: TestCase): string {
  return `\n  ${element('testcase', { classname, name }, content(outcome, message, text))}`;
}

function content(outcome: Outcome, message: string, text: string): string[] {
  if (outcome === 'skipped') return [element('skipped', { message })];
  if (outcome !== 'passed') return [element(outcome, { message, type: outcome === 'error' ? 'error' : 'finding' }, [escapeXml(text)])];
  return text === '' ? [] : [element('system-out', {}, [escapeXml(text)])];
}
