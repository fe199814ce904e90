import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KnownReport, planReport, readReport } from '../../src/controller/report-plan.ts';
import { CONTENT_HASH, failingRules, REPORT_APIS, renderReport, wantedReport } from '../../src/controller/report-wanted.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { type Subject, subjectOf } from '../../src/core/subject.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { RULES } from '../../src/rules/index.ts';
import { brokenVm, PLATFORM } from '../support/scan.ts';

const known = (name: string, hash: string): KnownReport => ({ name, hash, failing: [] });

function reportOf(change: object = {}) {
  const inventory = new MemoryInventory({ isComplete: true, description: 'the cluster', defaultNamespace: 'default' });
  for (const object of PLATFORM) inventory.add(object);
  const engine = createEngine({ rules: RULES, inventory, settings: DEFAULT_SETTINGS, today: '2026-09-01' });
  const vm = brokenVm('trex');
  const metadata = { ...Object(vm['metadata']), uid: 'u-1', resourceVersion: '7', ...change };
  const subject: Subject = subjectOf({ ...vm, metadata }, '');
  const wanted = wantedReport(subject, engine.judgeAsWritten(subject));
  if (wanted === undefined) throw new Error('the VM is out of scope');
  return wanted;
}

describe('planReport', () => {
  test.for<[string, ReturnType<typeof known> | undefined, KnownReport[], object]>([
    ['creates what is not there', known('a', '1'), [], { write: 'create', removals: [] }],
    ['updates what says something else', known('a', '1'), [known('a', '2')], { write: 'update', removals: [] }],
    ['leaves alone what is right', known('a', '1'), [known('a', '1')], { write: undefined, removals: [] }],
    ['deletes what nobody wants', undefined, [known('a', '1')], { write: undefined, removals: ['a'] }],
    ['replaces the report of an object that had the name before', known('a', '1'), [known('b', '1')], { write: 'create', removals: ['b'] }],
  ])('%s', ([, wanted, reports, plan]) => {
    expect(planReport(wanted, reports)).toEqual(plan);
  });

  test('leaves nothing to do once it is carried out', () => {
    const report = fc.record({ name: fc.constantFrom('a', 'b', 'c'), hash: fc.constantFrom('1', '2'), failing: fc.constant([]) });
    const reports = fc.uniqueArray(report, { selector: ({ name }) => name });
    fc.assert(
      fc.property(fc.option(report, { nil: undefined }), reports, (wanted, before) => {
        const { write, removals } = planReport(wanted, before);
        const kept = before.filter(({ name }) => !removals.includes(name) && name !== wanted?.name);
        const unchanged = before.filter(({ name }) => name === wanted?.name && write === undefined);
        const after = [...kept, ...unchanged, ...(write !== undefined && wanted !== undefined ? [wanted] : [])];
        expect(planReport(wanted, after)).toEqual({ write: undefined, removals: [] });
        expect(after).toEqual(wanted === undefined ? [] : [wanted]);
      }),
    );
  });
});

describe('a report', () => {
  test('has the same hash whatever the API server counts up, and another when something else is found', () => {
    expect(reportOf({ resourceVersion: '8', generation: 3 }).hash).toBe(reportOf().hash);
    expect(reportOf({ annotations: { 'vhostguard.dev/exempt': 'VHG101=lab VM' } }).hash).not.toBe(reportOf().hash);
    expect(reportOf({ uid: 'u-2' }).hash).not.toBe(reportOf().hash);
  });

  test.for(Object.entries(REPORT_APIS))('of %s is known again with its hash, its subject and what fails in it', ([, api]) => {
    const wanted = reportOf();
    const report = renderReport(wanted, api);
    expect(failingRules(wanted)).toContain('VHG101');
    expect(readReport(report)).toEqual({
      key: 'VirtualMachine nfv/trex',
      known: { name: 'u-1', hash: wanted.hash, failing: failingRules(wanted) },
    });
  });

  test('that is cut shorter keeps its hash, so that it is not written again', () => {
    const wanted = reportOf();
    expect(renderReport(wanted, REPORT_APIS.openreports, 1)).toMatchObject({
      metadata: { annotations: { [CONTENT_HASH]: wanted.hash } },
      results: [{ rule: 'more-results' }],
    });
  });

  test.for([
    {},
    { metadata: { name: 'a' }, scope: { kind: 'Pod', namespace: 'a', name: 'b' } },
    { metadata: { name: 'a', annotations: { [CONTENT_HASH]: '1' } }, scope: 'no mapping' },
    { metadata: { name: 'a', annotations: { [CONTENT_HASH]: 1 } }, scope: { kind: 'Pod', namespace: 'a', name: 'b' } },
    { metadata: { name: 'a', namespace: 'z', annotations: { [CONTENT_HASH]: '1' } }, scope: { kind: 'Pod', namespace: 'a', name: 'b' } },
  ])('that the controller did not write is not its own: %j', (report) => {
    expect(readReport(report)).toBeUndefined();
  });
});
