import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMarkup } from '../support/markup.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const INPUT = 'test/graph/input/objects.yaml';

describe('graph', () => {
  test('draws an SVG on stdout and exits 0, whatever it finds', async () => {
    const { exitCode, stdout, stderr } = await runCli(['graph', INPUT]);
    expect(readMarkup(stdout).elements[0]?.name).toBe('svg');
    expect(stdout).toContain('VHG101');
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('says where each finding stands', async () => {
    const { stdout } = await runCli(['graph', '-o', 'html', INPUT]);
    expect(readMarkup(stdout).text).toContain(`${INPUT}:19`);
  });

  test('writes several formats in one run', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'nets.html');
    const { exitCode, stdout } = await runCli(['graph', '-o', `html=${file}`, '-o', 'mermaid', INPUT]);
    expect(stdout).toMatch(/^flowchart LR\n/);
    expect(readFileSync(file, 'utf8')).toMatch(/^<!DOCTYPE html>\n/);
    expect(exitCode).toBe(0);
  });

  test('knows the networks of a snapshot', async () => {
    const directory = temporaryDirectory();
    const [router = '', probe = '', ...networks] = readFileSync(INPUT, 'utf8').split('---\n');
    writeFileSync(join(directory, 'vms.yaml'), `${router}---\n${probe}`);
    writeFileSync(join(directory, 'cluster.yaml'), networks.join('---\n'));
    const run = (...flags: string[]) => runCli(['graph', '-o', 'mermaid', ...flags, join(directory, 'vms.yaml')]);
    expect((await run()).stdout.match(/not known here/g)).toHaveLength(3);
    const { stdout } = await run('--snapshot', join(directory, 'cluster.yaml'));
    expect(stdout).not.toContain('not known here');
    expect(stdout.match(/does not exist/g)).toHaveLength(1);
  });

  test('draws the rest and exits 3 when a file cannot be read', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'bad.yaml');
    writeFileSync(file, 'a: [\n');
    const { exitCode, stdout, stderr } = await runCli(['graph', '-o', 'mermaid', INPUT, file]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${file}:`);
    expect(stdout).toContain('router');
  });

  test('draws an empty picture of what has no vhost-user NIC', async () => {
    const { exitCode, stdout } = await runCli(['graph', '-'], { stdin: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n' });
    expect(stdout).toContain('Nothing has a vhost-user NIC.');
    expect(exitCode).toBe(0);
  });

  test.for([
    [['-o', 'png'], /no output format "png".*svg, html, mermaid/],
    [['-o', 'htm'], /did you mean html/],
    [['-o', 'svg', '-o', 'html'], /only one format can go to stdout/],
  ] as const)('refuses %j', async ([flags, message]) => {
    const { exitCode, stdout, stderr } = await runCli(['graph', ...flags, INPUT]);
    expect(stderr).toMatch(message);
    expect([exitCode, stdout]).toEqual([2, '']);
  });
});
