import { element, escapeXml } from '../report/xml.ts';
import { countOutcomes, type SuiteProblem, type SuiteReport, type TestOutcome } from './outcome.ts';

type SuiteFormat = (report: SuiteReport, options: { readonly isQuiet: boolean }) => string;

/** Every format that `test -o` writes. */
export const SUITE_FORMATS = {
  text: formatText,
  json: formatJson,
  junit: formatJunit,
} as const satisfies Record<string, SuiteFormat>;

export type SuiteFormatName = keyof typeof SUITE_FORMATS;

/** A line for each test, what differs below those that fail, and a line of counts. */
function formatText(report: SuiteReport, { isQuiet }: { readonly isQuiet: boolean }): string {
  const { pass, fail, error } = countOutcomes(report);
  const shown = report.outcomes.filter(({ status }) => !isQuiet || status !== 'pass');
  const tests = shown.map(({ suite, test, status, reasons }) => {
    const head = `${suite.file}:${test.line}: ${status}: ${test.name}\n`;
    return head + reasons.flatMap((reason) => reason.split('\n').map((line) => `    ${line}\n`)).join('');
  });
  const problems = report.problems.map(({ message, status }) => `${message.replace(/^/gm, `${status}: `)}\n`);
  const total = report.outcomes.length;
  const summary = `${count(total, 'test')} in ${count(report.suites, 'suite')}; pass: ${pass}, fail: ${fail}, error: ${error}`;
  const rest = problems.length === 0 ? '' : `; ${count(problems.length, 'problem')} with the suites`;
  return [...tests, ...problems, `${summary}${rest}\n`].join('');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Version 1 of the machine-readable outcome: fields are only ever added. */
function formatJson(report: SuiteReport): string {
  const tests = report.outcomes.map(({ suite, test, status, reasons }) => ({
    file: suite.file,
    line: test.line,
    name: test.name,
    status,
    reasons,
  }));
  const summary = { suites: report.suites, tests: tests.length, ...countOutcomes(report) };
  return `${JSON.stringify({ version: 1, summary, tests, problems: report.problems }, undefined, 2)}\n`;
}

interface Case {
  readonly file: string;
  readonly name: string;
  readonly status: TestOutcome['status'];
  readonly text: string;
}

/** JUnit's XML: a suite per file, a case per test; what is wrong with a suite is a case of its own. */
function formatJunit({ outcomes, problems }: SuiteReport): string {
  const cases: Case[] = [
    ...outcomes.map(({ suite, test, status, reasons }) => ({ file: suite.file, name: test.name, status, text: reasons.join('\n') })),
    ...problems.map(({ file, status, message }: SuiteProblem) => ({ file, name: 'suite', status, text: message })),
  ];
  const suites = [...new Set(cases.map(({ file }) => file))].map((file) => {
    const own = cases.filter((one) => one.file === file);
    return `\n${element('testsuite', { name: file, ...countsOf(own), skipped: 0 }, own.map(toXml))}`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'vhostguard test', ...countsOf(cases) }, [...suites, '\n'])}\n`;
}

function countsOf(cases: readonly Case[]): { tests: number; failures: number; errors: number } {
  const number = (status: Case['status']): number => cases.filter((one) => one.status === status).length;
  return { tests: cases.length, failures: number('fail'), errors: number('error') };
}

function toXml({ file, name, status, text }: Case): string {
  const [message = ''] = text.split('\n');
  const tag = status === 'error' ? 'error' : 'failure';
  const content = status === 'pass' ? [] : [element(tag, { message, type: status }, [escapeXml(text)])];
  return `\n  ${element('testcase', { classname: file, name }, content)}`;
}
