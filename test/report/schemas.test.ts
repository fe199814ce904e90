import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/report/formats.ts';
import type { Report } from '../../src/report/report.ts';
import { render, reportOn, reportOnFiles, smallReport } from '../support/report.ts';
import { junitFaults, reportFaults, sarifFaults } from '../support/report-schemas.ts';

const RULE_FIXTURES = readdirSync('test/rules').map((name) => `test/rules/${name}`);

const REPORTS: readonly [name: string, make: () => Report][] = [
  ['every status', smallReport],
  ['no input', () => reportOn({})],
  ['nothing in scope', () => reportOn({ 'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n' })],
  ['the fixtures of all rules', () => reportOnFiles(RULE_FIXTURES)],
  ['a file that does not parse', () => reportOn({ 'broken.yaml': 'a: [' })],
];

describe.for(REPORTS)('%s', ([, make]) => {
  const report = make();

  test('is valid SARIF 2.1.0', () => {
    expect(sarifFaults(render(FORMATS.sarif, report))).toEqual([]);
  });

  test('is valid JUnit XML', async () => {
    expect(await junitFaults(render(FORMATS.junit, report))).toEqual([]);
  });

  test.for(['openreports', 'wgpolicy'] as const)('is what the CRD of %s takes', (format) => {
    expect(reportFaults(format, render(FORMATS[format], report))).toEqual([]);
  });
});

test('the validators find what is wrong', async () => {
  expect(sarifFaults('{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{"locations":[]}]}]}')).toHaveLength(2);
  expect(await junitFaults('<testsuites><testsuite name="x"/></testsuites>')).not.toEqual([]);
  expect(await junitFaults('<testsuites>\u0001</testsuites>')).not.toEqual([]);
  expect(reportFaults('openreports', 'results: [{rule: x, result: bad}]\nunknown: 1\n')).toHaveLength(3);
});
