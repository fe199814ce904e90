import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const VMI = 'test/data/seed-vmi.yaml';
const NAD = 'test/data/seed-nad.yaml';

interface JsonReport {
  readonly summary: Record<string, number>;
  readonly findings: readonly { rule: string; severity: string; status: string; repaired: boolean; line: number; field: string }[];
}

describe('the published how-to', () => {
  test('passes check: nothing at error level, the rest named where it stands', async () => {
    const { exitCode, stdout, stderr } = await runCli(['check', '-o', 'json', VMI, NAD]);
    expect(stderr).toBe('');
    const { findings, summary } = JSON.parse(stdout) as JsonReport;
    const brief = findings
      .filter(({ status }) => status !== 'skip')
      .map(({ rule, severity, repaired, line }) => [rule, severity, repaired, line]);
    expect(brief).toEqual([
      ['VHG209', 'warning', false, 17],
      ['VHG210', 'warning', false, 33],
      ['VHG114', 'info', false, 1],
      ['VHG110', 'error', true, 5],
      ['VHG113', 'info', false, 8],
      ['VHG109', 'warning', false, 33],
    ]);
    expect(summary).toMatchObject({ objects: 2, inScope: 2 });
    expect(exitCode).toBe(0);
  });

  test('fails check --no-repair for want of the nodeSelector only', async () => {
    const { exitCode, stdout } = await runCli(['check', '--no-repair', '-q', '-o', 'text', VMI, NAD]);
    expect(exitCode).toBe(1);
    expect(stdout.match(/VHG\d+/g)).toEqual(['VHG110']);
  });

  test('mutate adds the nodeSelector and nothing else', async () => {
    const { exitCode, stdout } = await runCli(['mutate', VMI]);
    const added = '  nodeSelector:\n    network.operator.openshift.io/external-openvswitch: ""\n';
    expect(stdout.includes(added)).toBe(true);
    expect(stdout.replace(added, '')).toBe(readFileSync(VMI, 'utf8'));
    expect(exitCode).toBe(0);
  });

  test('mutate -o patch is the patch that the webhook answers', async () => {
    const { stdout } = await runCli(['mutate', '-o', 'patch', VMI, NAD]);
    expect(JSON.parse(stdout)).toEqual([
      {
        object: { apiVersion: 'kubevirt.io/v1alpha3', kind: 'VirtualMachineInstance', namespace: 'default', name: 'vm-trex-1' },
        patch: [{ op: 'add', path: '/spec/nodeSelector', value: { 'network.operator.openshift.io/external-openvswitch': '' } }],
      },
      {
        object: {
          apiVersion: 'k8s.cni.cncf.io/v1',
          kind: 'NetworkAttachmentDefinition',
          namespace: 'default',
          name: 'userspace-ovs-net-1',
        },
        patch: [],
      },
    ]);
  });

  test('as published, with terminal residue, is exit 3 at line 1', async () => {
    const { exitCode, stdout } = await runCli(['check', 'test/data/seed-nad-verbatim.yaml']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^test\/data\/seed-nad-verbatim\.yaml:1:\d+: cannot read: .*\[3\/382\].*terminal/);
  });
});

describe('fix', () => {
  let directory: string;
  let file: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vhostguard-'));
    file = join(directory, 'vmi.yaml');
    copyFileSync(VMI, file);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('--dry-run prints a diff, exits 1 and writes nothing', async () => {
    const { exitCode, stdout } = await runCli(['fix', '--dry-run', file]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('\n+  nodeSelector:\n');
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(VMI, 'utf8'));
  });

  test('--unsafe turns vhostuser: {} into the binding plugin, and keeps the order', async () => {
    const { exitCode, stderr } = await runCli(['fix', '--unsafe', file]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('VHG109');
    const lines = readFileSync(file, 'utf8').split('\n');
    const interfaces = lines.findIndex((line) => line.includes('interfaces:'));
    expect(lines.slice(interfaces, interfaces + 6).join('\n')).toMatch(
      /- name: default\n +masquerade: \{\}\n +- name: vhost-user-net-1\n +binding:\s*(\{ ?)?name: vhostuser/,
    );
    expect(await runCli(['fix', '--unsafe', '--dry-run', file])).toMatchObject({ exitCode: 0, stdout: '' });
  });
});
