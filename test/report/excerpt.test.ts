import { describe, expect, test } from 'vitest';
import { excerptOf } from '../../src/report/excerpt.ts';
import { runCli } from '../support/run-cli.ts';
import { vmiWithoutHugepages } from '../support/vmi.ts';

const SECRET = 'S3cret-of-the-guest';

describe('the excerpt of a line', () => {
  test('is short however long the line, and points at the same character', () => {
    const line = `${'x'.repeat(1_000_000)}HERE${'y'.repeat(1_000_000)}`;
    const { text, column } = excerptOf(line, 1_000_001);
    expect(text.length).toBeLessThanOrEqual(160);
    expect(text.slice(column - 1, column + 3)).toBe('HERE');
  });

  test('is the whole of a short line', () => {
    expect(excerptOf('  name: dpdk0', 9)).toEqual({ text: '  name: dpdk0', column: 9 });
  });

  test.for<readonly [string, string]>([
    ['JSON', `{"userData":"#cloud-config\\npassword: \\"${SECRET}\\"\\n","name":"ci","memory":1}`],
    ['JSON in a string of JSON', `{"last":"{\\"userData\\":\\"${SECRET}\\",\\"memory\\":1}`],
    ['base64 in YAML', `{cloudInitNoCloud: {userDataBase64: ${SECRET}}, memory: 1}`],
    ['the network of cloud-init', `networkData: '{"memory":"''${SECRET}"}'`],
    ['a line of user data', `    password: ${SECRET} # memory`],
    ['a list of user data', `plain_text_passwd: "${SECRET}", memory: 1`],
    ['a value without end', `"userData":"${SECRET} memory`],
  ])('shows no password of %s, and nothing else at another place', ([, line]) => {
    const at = line.indexOf('memory') + 1;
    const { text, column } = excerptOf(line, at);
    expect(text).not.toContain(SECRET);
    expect(text).toHaveLength(line.length);
    expect(column).toBe(at);
  });

  test('shows a password neither where its key lies far before', () => {
    const line = `{"userData":"${SECRET.repeat(200)}","memory":1}`;
    expect(excerptOf(line, line.indexOf('memory') + 1).text).not.toContain('S3cret');
  });
});

describe('check of thousands of VMs on one line', () => {
  test('ends, and keeps not a copy of the line for each finding', { timeout: 120_000 }, async () => {
    const items = Array.from({ length: 4000 }, (_, index) =>
      vmiWithoutHugepages({ name: `vm-${index}`, annotations: { note: 'n'.repeat(400) } }),
    );
    const { exitCode, stderr } = await runCli(['check', '-o', 'markdown', '-'], { stdin: JSON.stringify({ kind: 'List', items }) });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  });
});
