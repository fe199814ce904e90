import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSourcePath } from '../../src/cli/source-path.ts';
import { runCli } from '../support/run-cli.ts';

const INPUT = 'test/report/input';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vhostguard-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('several outputs of one run agree, and stdout has only what was asked for there', async () => {
  const file = (name: string): string => join(directory, name);
  const outputs = [`sarif=${file('a.sarif')}`, `junit=${file('a.xml')}`, `openreports=${file('a.yaml')}`, 'json'].flatMap((output) => [
    '-o',
    output,
  ]);
  const { exitCode, stdout, stderr } = await runCli(['check', ...outputs, `${INPUT}/vm.yaml`, `${INPUT}/network.yaml`]);
  expect(exitCode).toBe(1);
  expect(stderr).toBe('');
  const { summary } = JSON.parse(stdout) as { summary: { fail: number } };
  expect(summary.fail).toBe(3);
  const [run] = (JSON.parse(readFileSync(file('a.sarif'), 'utf8')) as { runs: { invocations: unknown; results: { level: string }[] }[] })
    .runs;
  expect(run?.invocations).toMatchObject([{ exitCode: 1, executionSuccessful: true }]);
  expect(run?.results.filter(({ level }) => level === 'error')).toHaveLength(2);
  expect(readFileSync(file('a.xml'), 'utf8')).toMatch(/^<\?xml .*\n<testsuites [^>]*failures="2"/);
  expect(readFileSync(file('a.yaml'), 'utf8').match(/^kind: Report$/gm)).toHaveLength(3);
});

describe.for(['text', 'json', 'yaml', 'sarif', 'junit', 'github', 'markdown', 'openreports', 'wgpolicy'])('-o %s', (format) => {
  test.for([
    [0, [`${INPUT}/vm.yaml`, '--fail-on', 'never']],
    [1, [`${INPUT}/vm.yaml`]],
    [3, [`${INPUT}/vm.yaml`, `${INPUT}/broken.yaml`]],
  ] as [number, string[]][])('exits %i as every format does', async ([expected, argv]) => {
    const { exitCode, stdout, stderr } = await runCli(['check', '-o', format, ...argv]);
    expect(exitCode).toBe(expected);
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stderr).toBe('');
  });

  test('says the same every time', async () => {
    const run = () => runCli(['check', '-o', format, INPUT]);
    expect((await run()).stdout).toBe((await run()).stdout);
  });
});

describe('GitHub', () => {
  test('the step summary is added to, and only for -o github', async () => {
    const summary = join(directory, 'summary.md');
    writeFileSync(summary, 'before\n');
    const env = { GITHUB_STEP_SUMMARY: summary };
    await runCli(['check', '-o', 'text', `${INPUT}/vm.yaml`], { env });
    expect(readFileSync(summary, 'utf8')).toBe('before\n');
    await runCli(['check', '-o', 'github', `${INPUT}/vm.yaml`], { env });
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n### vhostguard: 1 finding fails the check\n/);
  });

  test('a step summary that cannot be written costs a note and not the verdict', async () => {
    const { exitCode, stderr } = await runCli(['check', '-o', 'github', `${INPUT}/vm.yaml`], { env: { GITHUB_STEP_SUMMARY: directory } });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^vhostguard: note: cannot write the step summary /);
  });

  test('paths are those of the repository, from whatever directory the check runs', async () => {
    const workspace = join(directory, 'repository');
    mkdirSync(join(workspace, 'apps'), { recursive: true });
    const path = join(workspace, 'apps', 'vm.yaml');
    writeFileSync(path, readFileSync(`${INPUT}/vm.yaml`));
    const { stdout } = await runCli(['check', '-o', 'github', path], { env: { GITHUB_WORKSPACE: workspace } });
    expect(stdout).toContain('::error file=apps/vm.yaml,line=17,');
  });
});

describe('source paths', () => {
  const sourcePath = createSourcePath({ GITHUB_WORKSPACE: '/repository' });
  test.for([
    ['./a/../vm.yaml', 'vm.yaml'],
    ['/repository/vm.yaml', 'vm.yaml'],
    ['/elsewhere/vm.yaml', '/elsewhere/vm.yaml'],
    ['/repository-2/vm.yaml', '/repository-2/vm.yaml'],
    ['..vm.yaml', '..vm.yaml'],
    ['<stdin>', '<stdin>'],
  ])('%s is %s', ([file = '', path]) => {
    expect(sourcePath(file)).toBe(path);
  });
});
