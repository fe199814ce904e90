import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { JsonObject } from '../../src/core/json.ts';
import { junitFaults } from '../support/report-schemas.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { CONTEXT, goodVmi, vmiWithoutHugepages } from '../support/vmi.ts';

const HEAD = 'apiVersion: vhostguard.dev/v1alpha1\nkind: Suite\n';
const SERVICE: JsonObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
  write('good.yaml', goodVmi());
  write('poor.yaml', vmiWithoutHugepages());
  write('context.yaml', ...CONTEXT);
});

/** Writes objects, or a text as it is. @returns its path */
function write(name: string, ...contents: readonly (string | object)[]): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents.map((content) => (typeof content === 'string' ? content : stringify(content))).join('---\n'));
  return path;
}

/** A suite of one test. */
function suiteOf(expected: JsonObject, { object = 'poor.yaml', ...rest }: JsonObject = {}): JsonObject {
  const tests = [{ name: 'it', object, context: ['context.yaml'], ...rest, expect: expected }];
  return { apiVersion: 'vhostguard.dev/v1alpha1', kind: 'Suite', tests };
}

/** Runs a suite of one test, from another directory than its own. */
async function runOne(expected: JsonObject, rest?: JsonObject): Promise<CliResult> {
  return runCli(['test', write('one.suite.yaml', suiteOf(expected, rest))]);
}

describe('expectations that hold', () => {
  test.for<[string, JsonObject, JsonObject?]>([
    ['a denial, by id', { allowed: false, rules: ['VHG101'] }],
    ['a denial, by name', { allowed: false, rules: ['require-hugepages'] }],
    ['nothing at all', { allowed: true, rules: [], skips: [] }, { object: 'good.yaml' }],
    ['an object in the suite', { allowed: true, rules: [] }, { object: goodVmi() }],
    ['some of the rules', { contains: true, rules: [] }],
    ['a part of the message', { messages: ['set domain.memory.hugepages.pageSize'] }],
    ['what is not known', { allowed: true, contains: true, skips: ['VHG120'] }, { object: 'good.yaml', context: [] }],
    ['what admission adds', { allowed: true, rules: [], repaired: 'good.yaml' }, { object: goodVmi({ nodeSelector: undefined }) }],
    ['what admission leaves alone', { repaired: 'poor.yaml' }],
    ['a context directory', { rules: [], skips: [] }, { object: 'good.yaml', context: ['.'] }],
    ['an info finding that is named', { rules: ['VHG113'] }, { object: withoutNuma() }],
    ['an info finding that is not named', { rules: [] }, { object: withoutNuma() }],
  ])('%s', async ([, expected, rest]) => {
    const { exitCode, stdout, stderr } = await runOne(expected, rest);
    expect(stdout).toContain('1 test in 1 suite; pass: 1, fail: 0, error: 0\n');
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('the configuration and the day of a test', async () => {
    const exemption = { rules: ['VHG101'], reason: 'lab', expires: '2026-12-31' };
    write('config.yaml', { apiVersion: 'vhostguard.dev/v1alpha1', kind: 'Configuration', exemptions: [exemption] });
    const config = 'config.yaml';
    expect((await runOne({ allowed: true, skips: ['VHG101'] }, { config })).exitCode).toBe(0);
    expect((await runOne({ allowed: false, rules: ['VHG101'] }, { config, asOf: '2027-01-01' })).exitCode).toBe(0);
    const argv = ['test', '--as-of', '2027-01-01', write('two.suite.yaml', suiteOf({ allowed: false }, { config }))];
    expect((await runCli(argv)).exitCode).toBe(0);
  });

  test('one object of a file of several, judged with the others beside it', async () => {
    write('all.yaml', goodVmi(), SERVICE, ...CONTEXT);
    const object = 'all.yaml#VirtualMachineInstance/vm';
    expect((await runOne({ allowed: true, rules: [], skips: [] }, { object, context: [] })).exitCode).toBe(0);
  });
});

function withoutNuma(): JsonObject {
  const { domain } = goodVmi()['spec'] as { readonly domain: JsonObject };
  return goodVmi({ domain: { ...domain, cpu: { cores: 2, dedicatedCpuPlacement: true } } });
}

describe('expectations that do not hold', () => {
  test.for<[JsonObject, JsonObject, readonly string[]]>([
    [{ allowed: true }, {}, ['allowed: expected true, but it is denied by VHG101']],
    [{ allowed: false }, { object: 'good.yaml' }, ['allowed: expected false, but it is allowed']],
    [
      { rules: ['VHG104'] },
      {},
      ['rules: expected VHG104, but it finds nothing', 'rules: did not expect VHG101 require-hugepages: interface "dpdk" is vhostuser'],
    ],
    [
      { rules: ['VHG110'] },
      { object: goodVmi({ nodeSelector: undefined }) },
      ['rules: expected VHG110, but admission repairs what it finds: expect "repaired" instead'],
    ],
    [{ contains: true, rules: ['VHG120'] }, { context: [] }, ['rules: expected VHG120, but it is skipped: NetworkAttachmentDefinition']],
    [{ rules: ['VHG101'] }, { object: SERVICE }, ['rules: expected VHG101, but the object has no vhost-user NIC']],
    [{ messages: ['huge', 'tiny'] }, {}, ['messages: expected one with "tiny", but they are', '  interface "dpdk" is vhostuser']],
    [{ messages: ['tiny'] }, { object: 'good.yaml' }, ['messages: expected one with "tiny", but there is none']],
    [{ skips: ['VHG101'] }, {}, ['skips: expected VHG101, but it is not skipped']],
    [
      { skips: [] },
      { object: 'good.yaml', context: [] },
      ['skips: did not expect VHG120 require-known-network: NetworkAttachmentDefinition'],
    ],
    [
      { repaired: 'good.yaml' },
      { object: goodVmi({ networks: [] }) },
      ['repaired: the object differs', '--- expected', '+++ as admission leaves it', '-  networks:', '-    - multus:', '+  networks: []'],
    ],
  ])('%j', async ([expected, rest, lines]) => {
    const { exitCode, stdout } = await runOne(expected, rest);
    expect(exitCode).toBe(1);
    for (const line of lines) expect(stdout).toContain(`    ${line}`);
    expect(stdout).toMatch(/one\.suite\.yaml:4: fail: it\n/);
  });
});

describe('what tests nothing fails', () => {
  test.for<[string, string, RegExp]>([
    ['no suite at all', 'notes.yaml', /no suite in .*: a suite is a file \*\.suite\.yaml, or a document of kind Suite/],
    ['an empty suite file', 'empty.suite.yaml', /empty\.suite\.yaml: the file has no suite in it/],
  ])('%s', async ([, name, message]) => {
    const { exitCode, stdout } = await runCli(['test', write(name, '# nothing\n')]);
    expect(stdout).toMatch(message);
    expect(exitCode).toBe(1);
  });

  test('a suite without tests', async () => {
    const { exitCode, stdout } = await runCli(['test', write('none.suite.yaml', `${HEAD}tests: []\n`)]);
    expect(stdout).toMatch(/none\.suite\.yaml:1: the suite has no tests/);
    expect(exitCode).toBe(1);
  });

  test('a suite none of whose objects has a vhost-user NIC', async () => {
    const { exitCode, stdout } = await runOne({ allowed: true }, { object: SERVICE });
    expect(stdout).toContain('no object of the suite has a vhost-user NIC, so that it tests no rule');
    expect(exitCode).toBe(1);
  });
});

describe('suites are found', () => {
  test('below a directory, by file name or by kind, among manifests', async () => {
    write('a/b/deep.suite.yaml', suiteOf({ allowed: true }, { object: goodVmi(), context: [] }));
    write('mixed.yaml', SERVICE, suiteOf({ allowed: false }));
    write('template.yaml', 'a: {{ .Values.b }}\n');
    const { exitCode, stdout } = await runCli(['test', directory]);
    expect(stdout).toContain('2 tests in 2 suites; pass: 2, fail: 0, error: 0\n');
    expect(exitCode).toBe(0);
  });
});

describe('mistakes in a suite are exit 2, with their place and the nearest name', () => {
  test.for<[string, RegExp]>([
    [`${HEAD}test: []\n`, /:3:1: key "test": unknown key, did you mean "tests"\?\n/],
    [`${HEAD}`, /:1:1: key "tests": is missing: a suite must list its tests\n/],
    [`${HEAD}tests: [{name: a, object: b.yaml}]\n`, /:3:\d+: key "tests\[0\]\.expect": is missing: a test must say what it expects\n/],
    [
      `${HEAD}tests: [{name: a, object: [], expect: {allowed: true}}]\n`,
      /key "tests\[0\]\.object": must be a string or a mapping, not a list\n/,
    ],
    [`${HEAD}tests: [{name: a, object: b, expect: {contains: true}}]\n`, /key "tests\[0\]\.expect": expects nothing: it must have one of /],
    [
      `${HEAD}tests:\n- name: a\n  object: b\n  expect:\n    rules: [VHG1O1]\n`,
      /:7:13: .*there is no rule "VHG1O1", did you mean "VHG101"\?\n/,
    ],
    [
      `${HEAD}tests: [{name: a, object: b, asOf: tomorrow, expect: {allowed: true}}]\n`,
      /asOf": must be a day as "2027-12-31", not "tomorrow"\n/,
    ],
    [`${HEAD}tests: [\n`, /:3:8: the \[ here is never closed/],
  ])('%j', async ([text, message]) => {
    const { exitCode, stdout } = await runCli(['test', write('bad.suite.yaml', text)]);
    expect(stdout).toMatch(message);
    expect(stdout).toMatch(/^error: .*bad\.suite\.yaml:/);
    expect(exitCode).toBe(2);
  });

  test.for<[string, string]>([
    [
      'context.yaml',
      '"context.yaml" names 3 objects, and a test judges one: write FILE#Kind/name; context.yaml has NetworkAttachmentDefinition/ovs-net',
    ],
    ['good.yaml#VirtualMachine/vm', 'names no object: write FILE#Kind/name; good.yaml has VirtualMachineInstance/vm'],
  ])('the object %s', async ([object, message]) => {
    const { exitCode, stdout } = await runOne({ allowed: true }, { object });
    expect(stdout).toContain(message);
    expect(exitCode).toBe(2);
  });

  test('its configuration', async () => {
    write('config.yaml', 'kind: Configuration\n');
    const { exitCode, stdout } = await runOne({ allowed: true }, { config: 'config.yaml' });
    expect(stdout).toMatch(/: error: it\n {4}.*config\.yaml:1:1: key "apiVersion": is missing/);
    expect(exitCode).toBe(2);
  });
});

describe('what cannot be read is exit 3, and the other tests run', () => {
  test.for<[string, JsonObject, string]>([
    ['an object', { object: 'absent.yaml' }, 'absent.yaml: there is no such file or directory'],
    ['a context', { context: ['absent.yaml'] }, 'absent.yaml: there is no such file or directory'],
    ['an object that does not parse', { object: 'broken.yaml' }, 'broken.yaml:1:4: '],
  ])('%s', async ([, rest, reason]) => {
    write('broken.yaml', 'a: [\n');
    write('other.suite.yaml', suiteOf({ allowed: false }));
    write('one.suite.yaml', suiteOf({ allowed: true }, rest));
    const { exitCode, stdout } = await runCli(['test', directory]);
    expect(stdout).toContain(`: error: it\n    ${reason}`);
    expect(stdout).toContain('pass: 1, fail: 0, error: 1');
    expect(exitCode).toBe(3);
  });

  test('a directory that does not exist', async () => {
    const { exitCode, stdout } = await runCli(['test', join(directory, 'absent')]);
    expect(stdout).toContain('absent: there is no such file or directory');
    expect(exitCode).toBe(3);
  });
});

describe('formats', () => {
  async function runMixed(...flags: string[]): Promise<CliResult> {
    write('a.suite.yaml', suiteOf({ allowed: false }));
    write('b.suite.yaml', suiteOf({ allowed: true }, { name: 'a <b> & "c"\u0007' }));
    write('c.suite.yaml', suiteOf({ allowed: true }, { object: 'absent.yaml' }));
    write('d.suite.yaml', `${HEAD}tests: []\n`);
    return runCli(['test', ...flags, directory]);
  }

  test('json counts and names every test', async () => {
    const { stdout, exitCode } = await runMixed('-o', 'json');
    const { version, summary, tests, problems } = JSON.parse(stdout) as Record<string, readonly JsonObject[]>;
    expect([version, summary]).toEqual([1, { suites: 4, tests: 3, pass: 1, fail: 1, error: 1 }]);
    expect(tests?.map(({ line, status }) => [line, status])).toEqual([
      [4, 'pass'],
      [4, 'fail'],
      [4, 'error'],
    ]);
    expect(problems).toHaveLength(1);
    expect(exitCode).toBe(3);
  });

  test('junit is valid, whatever the names of tests hold', async () => {
    const { stdout } = await runMixed('-o', 'junit');
    expect(await junitFaults(stdout)).toEqual([]);
    expect(stdout).toContain('<testsuites name="vhostguard test" tests="4" failures="2" errors="1">');
  });

  test('--quiet leaves out what passes, and -o FILE leaves stdout to the others', async () => {
    const file = join(directory, 'out.json');
    const { stdout } = await runMixed('-q', '-o', 'text', '-o', `json=${file}`);
    expect(stdout).not.toContain(': pass: ');
    expect(stdout).toContain('pass: 1, fail: 1, error: 1; 1 problem with the suites\n');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1 });
  });
});
