import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/engine/finding.ts';
import { formatOpenReports, toOpenReport } from '../../src/report/openreports.ts';
import type { PolicyReport } from '../../src/report/policy-result.ts';
import type { ObjectReference } from '../../src/report/report.ts';
import { toPolicyReport } from '../../src/report/wgpolicy.ts';
import { render, reportOn, smallReport } from '../support/report.ts';
import { documentsOf } from '../support/report-schemas.ts';

const OBJECT: ObjectReference = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', namespace: 'lab', name: 'trex' };
const UID = '6f1d2c3b-0a4e-4b5c-8d7e-9f0a1b2c3d4e';
const VM = readFileSync('test/report/input/vm.yaml', 'utf8');

const FINDING: Finding = {
  rule: 'VHG101',
  name: 'require-hugepages',
  severity: 'error',
  status: 'fail',
  path: ['spec'],
  message: 'no hugepages',
  repaired: false,
  isOld: false,
  isUnknown: false,
};

const makers = { openreports: toOpenReport, wgpolicy: toPolicyReport };

describe.for(Object.entries(makers))('%s', ([, toReport]) => {
  test('a report is named by the uid of its object and owned by it', () => {
    const { metadata, scope } = toReport({ object: { ...OBJECT, uid: UID }, passed: 3, findings: [] });
    expect(metadata).toMatchObject({ name: UID, namespace: 'lab' });
    expect(metadata.ownerReferences).toEqual([{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'trex', uid: UID }]);
    expect(scope.uid).toBe(UID);
  });

  test('without a uid nothing owns it, and its name tells kind and name and is the same every time', () => {
    const { metadata } = toReport({ object: OBJECT, passed: 3, findings: [] });
    expect(metadata.ownerReferences).toBeUndefined();
    expect(metadata.name).toMatch(/^virtualmachine-trex-[0-9a-f]{16}$/);
    expect(toReport({ object: OBJECT, passed: 3, findings: [] }).metadata.name).toBe(metadata.name);
    expect(toReport({ object: { ...OBJECT, namespace: 'other' }, passed: 3, findings: [] }).metadata.name).not.toBe(metadata.name);
  });

  test('any name makes the name of a report that the API server takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const { metadata } = toReport({ object: { ...OBJECT, name }, passed: 0, findings: [] });
        expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        expect(metadata.name.length).toBeLessThanOrEqual(253);
      }),
    );
  });

  test.for<[Partial<Finding>, string, boolean]>([
    [{}, 'fail', true],
    [{ status: 'warn', severity: 'warning' }, 'warn', false],
    [{ status: 'skip', reason: 'exempt: lab' }, 'skip', true],
    [{ status: 'error' }, 'error', true],
    [{ repaired: true }, 'pass', true],
  ])('%j is %s', ([change, result, scored]) => {
    const { results, summary } = toReport({ object: OBJECT, passed: 3, findings: [{ ...FINDING, ...change }] });
    expect(results).toMatchObject([{ policy: 'VHG101', rule: 'require-hugepages', result, scored }]);
    expect(summary).toEqual({ pass: 3, fail: 0, warn: 0, error: 0, skip: 0, [result]: result === 'pass' ? 4 : 1 });
  });

  test('the order of findings makes no difference', () => {
    const findings: Finding[] = [
      FINDING,
      { ...FINDING, rule: 'VHG110' },
      { ...FINDING, path: ['metadata'] },
      { ...FINDING, message: 'another' },
    ];
    const inOrder = toReport({ object: OBJECT, passed: 3, findings });
    expect(toReport({ object: OBJECT, passed: 3, findings: findings.toReversed() })).toEqual(inOrder);
  });

  test('of too many results the worst stay, the rest is counted, and the size is bounded', () => {
    const message = 'x'.repeat(100_000);
    const warnings = Array.from(
      { length: 5000 },
      (_, index): Finding => ({ ...FINDING, status: 'warn', message, path: ['spec', message, index] }),
    );
    const report = toReport({ object: OBJECT, passed: 3, findings: [...warnings, { ...FINDING, rule: 'VHG900' }] });
    expect(report.results).toHaveLength(100);
    expect(report.results.filter(({ result }) => result === 'fail')).toHaveLength(1);
    expect(report.results.at(-1)).toMatchObject({ rule: 'more-results', message: expect.stringContaining('4902 more results') });
    expect(report.summary).toMatchObject({ fail: 1, warn: 5000 });
    expect(JSON.stringify(report).length).toBeLessThan(500_000);
  });
});

describe('files', () => {
  const reportsOf = (texts: Readonly<Record<string, string>>) => documentsOf(render(formatOpenReports, reportOn(texts))) as PolicyReport[];

  test('an object that files hold twice has two reports of different names', () => {
    const names = reportsOf({ 'base.yaml': VM, 'overlay.yaml': VM }).map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
  });

  test('a uid that the API server would not make names nothing', () => {
    const [, report] = reportsOf({ 'vm.yaml': VM.replace(UID, 'Not/A/Uid') });
    expect(report?.metadata.name).toMatch(/^virtualmachineinstance-stored-/);
    expect(report?.scope.uid).toBeUndefined();
  });

  test('what cannot be read is a comment, since there is no object to report on', () => {
    const text = render(formatOpenReports, smallReport());
    expect(text).toMatch(/^# not readable: test\/report\/input\/broken\.yaml:3:1: tabs/);
    expect(render(formatOpenReports, reportOn({}))).toBe('# no object has a vhost-user NIC\n');
  });
});
