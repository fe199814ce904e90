import { readdirSync, readFileSync } from 'node:fs';
import type { Log, Replacement, Result, Run } from 'sarif';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/core/apply-edits.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { sameObject } from '../../src/manifest/same-object.ts';
import { findingsIn } from '../../src/report/findings-in.ts';
import type { FormatOptions, Report, ReportedFile, ReportedFinding } from '../../src/report/report.ts';
import { formatSarif } from '../../src/report/sarif.ts';
import { complaining, FORMAT_OPTIONS, render, reportOn, reportOnFiles, smallReport } from '../support/report.ts';

function runOf(report: Report, options: Partial<FormatOptions> = {}): Run {
  const log = JSON.parse(render(formatSarif, report, { ...FORMAT_OPTIONS, ...options })) as Log;
  const [run] = log.runs;
  if (run === undefined) throw new Error('there is no run');
  return run;
}

function resultsOf(report: Report): Result[] {
  return runOf(report).results ?? [];
}

const PLAIN_POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n';
const VM = readFileSync('test/report/input/vm.yaml', 'utf8');

describe('what GitHub documents', () => {
  test('a clean run has an empty list of results, and all rules', () => {
    const run = runOf(reportOn({ 'pod.yaml': PLAIN_POD }), { exitCode: 0 });
    expect(run.results).toEqual([]);
    expect(run.invocations).toEqual([{ executionSuccessful: true, exitCode: 0, toolExecutionNotifications: [] }]);
    expect(run.tool.driver.rules?.length).toBeGreaterThan(30);
  });

  test('rules keep to its limits and are found by their index', () => {
    const { tool, results = [] } = runOf(smallReport());
    for (const rule of tool.driver.rules ?? []) {
      expect(rule.properties?.tags?.length).toBeLessThanOrEqual(10);
      expect(rule.name?.length).toBeLessThanOrEqual(255);
      expect(rule.shortDescription?.text.length).toBeLessThanOrEqual(1024);
      expect(rule.fullDescription?.text.length).toBeLessThanOrEqual(1024);
      expect(rule.help?.text).toBeTruthy();
    }
    expect(results).not.toEqual([]);
    expect(results.map(({ ruleIndex = -1 }) => tool.driver.rules?.[ruleIndex]?.id)).toEqual(results.map(({ ruleId }) => ruleId));
  });

  test('of too many results the most severe stay, and the rest is counted', () => {
    const [warning, failure] = [resultOf('warn'), resultOf('fail')];
    const findings = [...Array<ReportedFinding>(25_000).fill(warning), ...Array<ReportedFinding>(10).fill(failure)];
    const { results = [], invocations = [] } = runOf({ ...smallReport(), problems: [], files: [fileOf(findings)] });
    expect(results).toHaveLength(25_000);
    expect(results.filter(({ level }) => level === 'error')).toHaveLength(10);
    expect(JSON.stringify(invocations[0]?.toolExecutionNotifications)).toContain('10 results are left out');
  });

  function fileOf(findings: ReportedFinding[]): ReportedFile {
    return { file: 'vm.yaml', objects: findings.map((finding) => ({ object: finding.object, passed: [], findings: [finding] })) };
  }

  function resultOf(status: string): ReportedFinding {
    const found = [...findingsIn(smallReport())].find(({ finding }) => finding.status === status && !finding.repaired);
    if (found === undefined) throw new Error(`nothing has the status ${status}`);
    return found;
  }
});

test('a finding has one fingerprint wherever its line moves, and no two findings have the same', () => {
  const prints = (text: string) =>
    resultsOf(reportOn({ 'vm.yaml': text })).map(({ ruleId, partialFingerprints }) => [ruleId, partialFingerprints]);
  const before = prints(VM);
  expect(prints(`# moved\n\n${VM}`)).toEqual(before);
  expect(new Set(before.map((print) => JSON.stringify(print))).size).toBe(before.length);
  const twice = resultsOf(reportOn({ 'vm.yaml': `${VM}---\n${VM}` })).map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
  expect(new Set(twice).size).toBe(twice.length);
});

describe('status', () => {
  test('what is exempt is suppressed by whoever exempted it', () => {
    const exempt = (texts: Record<string, string>, settings = DEFAULT_SETTINGS) =>
      resultsOf(reportOn(texts, { settings })).find(({ ruleId }) => ruleId === 'VHG104');
    expect(exempt({ 'vm.yaml': VM })).toMatchObject({
      level: 'note',
      suppressions: [{ kind: 'inSource', justification: 'lab VM | no CPU manager' }],
    });
    const exemption = { rules: ['VHG104'], namespaces: [], names: [], reason: 'lab' };
    expect(exempt({ 'vm.yaml': VM }, { ...DEFAULT_SETTINGS, allowAnnotations: false, exemptions: [exemption] })).toMatchObject({
      level: 'note',
      suppressions: [{ kind: 'external', justification: 'lab' }],
    });
    expect(exempt({ 'vm.yaml': VM }, { ...DEFAULT_SETTINGS, allowAnnotations: false })).toMatchObject({ level: 'error' });
  });

  test('what is unknown is a notification, and a result when it fails the run', () => {
    const isFailing: (finding: { isUnknown: boolean }) => boolean = ({ isUnknown }) => isUnknown;
    const ruleIds = (report: Report) => resultsOf(report).map(({ ruleId }) => ruleId);
    expect(ruleIds(reportOn({ 'vm.yaml': VM }))).not.toContain('VHG120');
    expect(ruleIds(reportOn({ 'vm.yaml': VM }, { isFailing }))).toContain('VHG120');
    const notes = runOf(reportOn({ 'vm.yaml': VM })).invocations?.[0]?.toolExecutionNotifications ?? [];
    expect(notes.map(({ associatedRule }) => associatedRule?.id)).toContain('VHG120');
  });

  test('what could not be read, and a rule that crashed, make the execution a failure', () => {
    const run = runOf(smallReport(), { exitCode: 3 });
    const errors = (run.invocations?.[0]?.toolExecutionNotifications ?? []).filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message.text)).toEqual([
      'tabs are not allowed as indentation (indent with spaces)',
      'rule VHG999 failed: out of luck',
    ]);
    expect(run.invocations?.[0]?.executionSuccessful).toBe(false);
  });

  test('a message is text: no link, whatever a manifest says', () => {
    const report = reportOn({ 'vm.yaml': VM }, { rules: [complaining('see [this](https://example.com)')] });
    expect(resultsOf(report)[0]?.message.text).toBe('see [this\\](https://example.com)');
  });
});

describe('paths', () => {
  test.for([
    ['a b/ü#%.yaml', 'a%20b/%C3%BC%23%25.yaml', '%SRCROOT%'],
    ['<stdin>', '%3Cstdin%3E', '%SRCROOT%'],
    ['/tmp/vm.yaml', 'file:///tmp/vm.yaml', undefined],
    ['C:\\vm.yaml', 'file:///C%3A/vm.yaml', undefined],
    ['dir\\vm.yaml', 'dir/vm.yaml', '%SRCROOT%'],
  ])('%s is %s', ([file, uri, uriBaseId]) => {
    const [result] = resultsOf(reportOn({ [String(file)]: VM }));
    expect(result?.locations?.[0]?.physicalLocation?.artifactLocation).toEqual({ uri, ...(uriBaseId === undefined ? {} : { uriBaseId }) });
  });
});

describe('fixes', () => {
  const files = [...readdirSync('test/rules').map((name) => `test/rules/${name}`), 'test/data/seed-vmi.yaml', 'test/data/seed-nad.yaml'];

  test('what a fix replaces in the text is what its edits make of the object, for every fixable finding of every fixture', () => {
    let count = 0;
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const findings = [...findingsIn(reportOnFiles([file]))];
      const results = resultsOf(reportOnFiles([file]));
      for (const [index, entry] of findings.filter(({ replacements }) => replacements.length > 0).entries()) {
        const fixed = results.filter(({ fixes }) => fixes !== undefined)[index];
        expect(fixed?.ruleId, file).toBe(entry.finding.rule);
        const [change] = fixed?.fixes?.[0]?.artifactChanges ?? [];
        const after = replace(text, change?.replacements ?? []);
        expect(isRepaired(text, after, entry), `${file}:${entry.place.line} ${entry.finding.rule}`).toBe(true);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(50);
  });

  test('no finding that has a fix goes without its text', () => {
    const entries = [...findingsIn(reportOnFiles(files))];
    const without = entries.filter(({ finding, replacements }) => finding.fix !== undefined && replacements.length === 0);
    expect(without.map(({ finding, place }) => `${place.file}:${place.line} ${finding.rule}`)).toEqual([]);
  });

  function isRepaired(before: string, after: string, { finding, object, place }: ReportedFinding): boolean {
    const [old, changed] = [before, after].map((text) => readManifests(text, place.file).manifests);
    const edits = finding.fix?.edits ?? [];
    // Fixtures hold several objects of one name: it is enough that one of them is as edited, and that all others are as before.
    const differing = (old ?? []).filter((manifest, index) => !sameObject(manifest.object, changed?.[index]?.object, []));
    const [only] = differing;
    const index = only === undefined ? -1 : (old ?? []).indexOf(only);
    return (
      differing.length === 1 &&
      only !== undefined &&
      subjectOf(only.object, 'default').name === object.name &&
      sameObject(applyEdits(only.object, edits), changed?.[index]?.object, edits)
    );
  }

  function replace(text: string, replacements: readonly Replacement[]): string {
    const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    const offset = (line = 1, column = 1): number => (starts[line - 1] ?? 0) + column - 1;
    return replacements.toReversed().reduce((result, { deletedRegion, insertedContent }) => {
      const { startLine, startColumn, endLine, endColumn } = deletedRegion;
      return result.slice(0, offset(startLine, startColumn)) + (insertedContent?.text ?? '') + result.slice(offset(endLine, endColumn));
    }, text);
  }
});
