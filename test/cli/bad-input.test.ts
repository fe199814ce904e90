import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vhostguard-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const BROKEN_VMI = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: vm}
spec:
  domain:
    devices: {interfaces: [{name: dpdk, binding: {name: vhostuser}}]}
  networks: [{name: dpdk, multus: {networkName: ovs-net}}]
`;

/** Nothing here may show a stack trace or say that it is our fault. */
const OUR_FAULT = /\n\s+at |internal error|undefined|\[object/;

const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
  .split('')
  .map((name, index) => `${name}: &${name} [${`*${'abcdefghij'.charAt(index)},`.repeat(9)}]`)
  .join('\n')}\n`;

describe('what cannot be read is exit 3, says where, and the rest is still judged', () => {
  test.for<[string, string | Buffer, RegExp]>([
    ['nul.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: "a\0b"}\n', /nul\.yaml:3:20: .*NUL/],
    ['bomb.yaml', BOMB, /bomb\.yaml:\d+:\d+: .*alias/i],
    ['deep.json', '['.repeat(10_000), /deep\.json:1:\d+: /],
    ['deep.yaml', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, /deep\.yaml:1:\d+: .*(deep|nest)/i],
    ['duplicate.yaml', 'kind: Pod\nkind: VirtualMachine\n', /duplicate\.yaml:2:1: /],
    ['half.json', '{"kind": "Pod",', /half\.json:1:\d+: /],
    ['tabs.yaml', 'kind: Pod\nmetadata:\n\tname: x\n', /tabs\.yaml:3:\d+: /],
    ['scalar.yaml', 'just text\n', /scalar\.yaml:1:1: .*mapping/],
    ['latin1.yaml', Buffer.from([0x6b, 0x3a, 0x20, 0xe9, 0x0a]), /latin1\.yaml: .*UTF-8/],
  ])('%s', async ([name, content, message]) => {
    const { exitCode, stdout, stderr } = await runCli(['check', '--no-repair', file(name, content), file('broken.yaml', BROKEN_VMI)]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(message);
    expect(stdout).toContain('VHG101');
    expect(stdout + stderr).not.toMatch(OUR_FAULT);
  });

  test('a file and a directory that do not exist', async () => {
    for (const name of ['absent.yaml', 'absent/']) {
      const { exitCode, stdout } = await runCli(['check', join(directory, name)]);
      expect(exitCode).toBe(3);
      expect(stdout).toContain(`${join(directory, name)}: cannot read: there is no such file or directory`);
    }
  });

  test('a file that the system does not let us read', async () => {
    const locked = file('locked.yaml', 'kind: Pod\n');
    chmodSync(locked, 0);
    // Permissions do not stop root; reading the start of this process's memory does not work for anybody.
    const path = process.getuid?.() === 0 ? '/proc/self/mem' : locked;
    const { exitCode, stdout } = await runCli(['check', path]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(`${path}: cannot read: `);
    expect(stdout).not.toMatch(OUR_FAULT);
  });

  test('a circle of directories is walked once, a link that leads nowhere is named', async () => {
    const root = join(directory, 'circle');
    mkdirSync(join(root, 'a'), { recursive: true });
    symlinkSync(root, join(root, 'a', 'back'));
    symlinkSync('nowhere', join(root, 'a', 'dangling.yaml'));
    writeFileSync(join(root, 'a', 'vm.yaml'), BROKEN_VMI);
    const { exitCode, stdout } = await runCli(['check', '-R', '--no-repair', '-o', 'json', root]);
    const { errors, summary } = JSON.parse(stdout) as { errors: { file: string }[]; summary: { objects: number } };
    expect(exitCode).toBe(3);
    expect(summary.objects).toBe(1);
    expect(errors.map((error) => error.file)).toEqual([join(root, 'a', 'dangling.yaml')]);
  });
});

describe('usage is exit 2 with the next step', () => {
  test.for<[string[], RegExp]>([
    [['check'], /missing required argument 'path'/],
    [['chekc', 'x'], /unknown command.*\n?.*Did you mean check/i],
    [['check', '--fial-on', 'error', 'x'], /unknown option '--fial-on'[\s\S]*--fail-on/],
    [['check', '--fail-on', 'fatal', 'x'], /Allowed choices are error, warning, info, never/],
    [['check', '-o', 'jsn', 'x'], /did you mean json/],
    [['check', '-o', 'json', '-o', 'text', 'x'], /only one format can go to stdout/],
    [['check', '--as-of', 'tomorrow', 'x'], /YYYY-MM-DD/],
    [['explain', 'VHG999'], /VHG\d+/],
    [['explain', 'require-hugepage'], /require-hugepages/],
    [['fix', '-'], /standard input/],
    [['serve', '--listen', 'nonsense'], /--listen/],
    [
      ['certs', '--certs-dir', '/nowhere', '--host', 'vm.example.com', 'bad host;name'],
      /--host.*bad host;name.*neither a host name nor an IP address/,
    ],
  ])('%j', async ([argv, message]) => {
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(OUR_FAULT);
  });

  test('a configuration with an unknown rule names key, line and nearest name', async () => {
    const config = file('config.yaml', 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\nrules:\n  require-hugepagez: warn\n');
    const { exitCode, stderr } = await runCli(['check', '--config', config, file('broken.yaml', BROKEN_VMI)]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/config\.yaml:4:\d+: .*require-hugepagez.*require-hugepages/);
  });
});

describe('quantities that are none are findings', () => {
  const withMemory = (guest: string, pageSize: string): string =>
    BROKEN_VMI.replace('  domain:\n', `  domain:\n    memory: {guest: ${guest}, hugepages: {pageSize: ${pageSize}}}\n`);

  test.for(['1e400', '-1Gi', '"one"', '""', '0', '99999999999999999999Ei'])('%s', async (quantity) => {
    for (const text of [withMemory(quantity, '1Gi'), withMemory('2Gi', quantity)]) {
      const { exitCode, stdout } = await runCli(['check', '-o', 'json', '-'], { stdin: text });
      const { findings } = JSON.parse(stdout) as { findings: { rule: string; message: string }[] };
      expect(exitCode).toBe(1);
      expect(findings.map(({ rule }) => rule).filter((rule) => rule === 'VHG102' || rule === 'VHG103')).not.toEqual([]);
      expect(stdout).not.toMatch(OUR_FAULT);
    }
  });
});

describe('input as it comes', () => {
  const crlf = BROKEN_VMI.replaceAll('\n', '\r\n');
  test.for([
    ['CRLF', crlf],
    ['a byte order mark', `\uFEFF${BROKEN_VMI}`],
    [
      'JSON',
      '{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachineInstance","metadata":{"name":"vm"},"spec":{"domain":{"devices":{"interfaces":[{"name":"dpdk","vhostuser":{}}]}}}}',
    ],
    ['a List', `apiVersion: v1\nkind: List\nitems:\n- ${BROKEN_VMI.trimEnd().replaceAll('\n', '\n  ')}\n`],
    ['anchors', BROKEN_VMI.replace('name: vm}', 'name: &name vm, labels: {app: *name}}')],
    ['many documents', `---\n# nothing\n---\n${BROKEN_VMI}---\n`],
  ])('%s', async ([, stdin]) => {
    const { exitCode, stdout } = await runCli(['check', '-'], { stdin: String(stdin) });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/<stdin>:\d+:\d+: error VHG101/);
    expect(stdout).toContain('1 object, 1 with vhost-user');
  });

  test('keys that could reach a prototype are only keys', async () => {
    const stdin =
      '{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachineInstance","metadata":{"labels":{"__proto__":"x","constructor":"y"}},"__proto__":{"polluted":1},"spec":{"domain":{"devices":{"interfaces":[{"name":"d","vhostuser":{}}]}}}}';
    const { stdout } = await runCli(['mutate', '-o', 'json', '-'], { stdin });
    expect(stdout).toContain('"constructor": "y"');
    expect(stdout).toContain('"__proto__": "x"');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
