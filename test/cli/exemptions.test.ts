import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FORMATS, type FormatName } from '../../src/report/formats.ts';
import { junitFaults, reportFaults, sarifFaults } from '../support/report-schemas.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { vmiWithoutHugepages } from '../support/vmi.ts';

let config: string;
let vmi: string;

beforeEach(() => {
  const directory = temporaryDirectory();
  config = join(directory, 'vhostguard.yaml');
  vmi = join(directory, 'vmi.yaml');
  writeFileSync(vmi, stringify(vmiWithoutHugepages()));
});

const USED = `- rules: [VHG101]
  names: [vm]
  reason: lab
`;

const UNUSED = `- rules: [VHG104, require-q35]
  reason: old lab
`;

const EXPIRED = `- rules: [VHG101]
  reason: until the move
  expires: "2026-11-21"
`;

async function check(exemptions: string, flags: readonly string[] = [], head = ''): Promise<CliResult> {
  writeFileSync(config, `apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n${head}exemptions:\n${exemptions}`);
  return runCli(['check', '--config', config, ...flags, vmi]);
}

interface Entry {
  readonly rule: string;
  readonly status: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly object: unknown;
}

async function staleOf(exemptions: string, flags: readonly string[] = [], head = ''): Promise<Entry[]> {
  const { stdout } = await check(exemptions, ['-o', 'json', ...flags], head);
  return (JSON.parse(stdout) as { findings: Entry[] }).findings.filter(({ rule }) => rule === 'VHG190');
}

describe('exemptions of the configuration', () => {
  test('one that a finding needs is no finding', async () => {
    const { exitCode, stdout, stderr } = await check(USED);
    expect(stdout).not.toContain('VHG190');
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('one that nothing needs is a warning at its entry', async () => {
    expect(await staleOf(USED + UNUSED)).toMatchObject([
      {
        status: 'warn',
        file: config,
        line: 7,
        column: 3,
        message: 'exemption of VHG104, require-q35 ("old lab") is not needed by any object here: remove it',
        object: { apiVersion: 'vhostguard.dev/v1alpha1', kind: 'Configuration', namespace: '', name: 'vhostguard.yaml' },
      },
    ]);
    expect((await check(UNUSED + USED)).exitCode).toBe(0);
    expect((await check(UNUSED + USED, ['--fail-on', 'warning'])).exitCode).toBe(1);
  });

  test('of one that is needed in part, the rest is a warning at the rule', async () => {
    expect(await staleOf(USED.replace('VHG101', 'VHG101, VHG105'))).toMatchObject([
      { line: 4, column: 19, message: 'exemption of VHG105 ("lab") is not needed by any object here: remove it' },
    ]);
  });

  test('one for other objects is not needed by these', async () => {
    expect(await staleOf(USED.replace('[vm]', '[other]'))).toHaveLength(1);
    expect(await staleOf(USED.replace('names: [vm]', 'namespaces: [other]'))).toHaveLength(1);
  });

  test('one that expired is a warning at its day, and what it was for counts again', async () => {
    const message = 'exemption of VHG101 ("until the move") expired on 2026-11-21: remove it, or set a later day';
    expect(await staleOf(EXPIRED)).toMatchObject([{ status: 'warn', line: 6, column: 12, message }]);
    expect((await check(EXPIRED)).exitCode).toBe(1);
  });

  test('one holds to the end of its last day', async () => {
    expect(await staleOf(EXPIRED, ['--as-of', '2026-11-21'])).toEqual([]);
    expect((await check(EXPIRED, ['--as-of', '2026-11-21'])).exitCode).toBe(0);
  });

  test('rule VHG190 can be turned off, or down', async () => {
    expect(await staleOf(UNUSED, [], 'rules: {VHG190: off}\n')).toEqual([]);
    expect(await staleOf(UNUSED, [], 'rules: {forbid-stale-exemption: dryrun}\n')).toMatchObject([{ status: 'skip' }]);
  });

  test('they are none of the objects that were judged', async () => {
    const { stdout } = await check(UNUSED, ['-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ summary: { objects: 1, inScope: 1 } });
    writeFileSync(vmi, 'kind: Pod\n');
    expect((await check(UNUSED, ['--fail-if-empty'])).exitCode).toBe(1);
  });
});

describe('a stale exemption is shown in every format', () => {
  const FAULTS: { readonly [Name in FormatName]?: (text: string) => readonly string[] | Promise<readonly string[]> } = {
    sarif: sarifFaults,
    junit: (text) => junitFaults(text),
    openreports: (text) => reportFaults('openreports', text),
    wgpolicy: (text) => reportFaults('wgpolicy', text),
  };

  test.for(Object.keys(FORMATS) as FormatName[])('%s', async (format) => {
    const { stdout } = await check(EXPIRED, ['-o', format]);
    expect(stdout).toMatch(/VHG190[\s\S]*expired on 2026-11-21|expired on 2026-11-21[\s\S]*VHG190/);
    expect((await FAULTS[format]?.(stdout)) ?? []).toEqual([]);
  });
});
