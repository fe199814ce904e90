import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/engine/finding.ts';
import { formatJunit } from '../../src/report/junit.ts';
import { render, reportOn, smallReport } from '../support/report.ts';

const VM = readFileSync('test/report/input/vm.yaml', 'utf8');

/** The outcome of the case of a rule on the first VM of the input. */
function outcomeOf(rule: string, isFailing?: (finding: Finding) => boolean): string | undefined {
  const xml = render(formatJunit, reportOn({ 'vm.yaml': VM }, isFailing === undefined ? {} : { isFailing }));
  return new RegExp(`name="${rule} [a-z0-9-]+ lab/trex"(?:/>|>\\s*<([a-z-]+))`).exec(xml)?.slice(1).map(String)[0];
}

describe('a case', () => {
  test.for([
    ['VHG101', 'failure'],
    ['VHG102', 'undefined'],
    ['VHG104', 'skipped'],
    ['VHG109', 'system-out'],
    ['VHG110', 'system-out'],
    ['VHG120', 'skipped'],
  ])('of %s is %s', ([rule = '', outcome]) => {
    expect(outcomeOf(rule)).toBe(outcome);
  });

  test('fails for whatever fails the run', () => {
    expect(outcomeOf('VHG109', ({ severity }) => severity === 'warning')).toBe('failure');
    expect(outcomeOf('VHG120', ({ isUnknown }) => isUnknown)).toBe('failure');
  });

  test('fails for what admission would deny, also when nothing fails the run', () => {
    expect(outcomeOf('VHG101', () => false)).toBe('failure');
  });
});

test('the counts are those of the cases', () => {
  const xml = render(formatJunit, smallReport());
  const count = (pattern: RegExp): string => String(xml.match(pattern)?.length ?? 0);
  const totals = /<testsuites name="vhostguard" tests="(\d+)" failures="(\d+)" errors="(\d+)">/.exec(xml)?.slice(1);
  expect(totals).toEqual([count(/<testcase /g), count(/<failure /g), count(/<error /g)]);
});

test('every rule on every object has one case, whatever it found', () => {
  const names = [...render(formatJunit, smallReport()).matchAll(/ name="(VHG\d+ [^"]*)"/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBe(8 + 8 + 3);
});
