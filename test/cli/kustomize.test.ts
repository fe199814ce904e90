import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderKustomization } from '../../src/cli/kustomize.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const VMI = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: vm}
spec:
  domain:
    memory: {guest: 1Gi}
    devices: {interfaces: [{name: dpdk, binding: {name: vhostuser}}]}
  networks: [{name: dpdk, multus: {networkName: ovs-net}}]
`;

/** A directory for the PATH with a program in it for each name, made of these lines of shell. */
function pathWith(programs: Readonly<Record<string, string>>): Record<string, string> {
  const directory = temporaryDirectory();
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return { PATH: directory };
}

/** A directory with a kustomization of one VMI. */
function overlay(): string {
  const directory = join(temporaryDirectory(), 'prod');
  mkdirSync(directory);
  writeFileSync(join(directory, 'kustomization.yaml'), 'namePrefix: prod-\nresources: [vmi.yaml]\n');
  writeFileSync(join(directory, 'vmi.yaml'), VMI);
  return directory;
}

/** Prints its arguments where they are seen, and the VMI. */
const STUB = `echo "ran \${0##*/} $*" >&2\necho '${VMI}'`;

describe('-k', () => {
  test('judges what `kubectl kustomize` prints, and passes on what it says', async () => {
    const directory = overlay();
    const env = pathWith({ kubectl: STUB, kustomize: 'exit 1' });
    const { exitCode, stdout, stderr } = await runCli(['check', '--no-repair', '-k', `${directory}/`], { env });
    expect(stderr).toBe(`ran kubectl kustomize -- ${directory}/\n`);
    expect(stdout).toMatch(new RegExp(`^${directory} \\(kustomize\\):6:\\d+: error VHG101 `, 'm'));
    expect(stdout).toContain('\n   = line 6 of what `kustomize build` prints\n');
    expect(exitCode).toBe(1);
  });

  test('asks `kustomize build` where there is no kubectl', async () => {
    const directory = overlay();
    const { stdout, stderr } = await runCli(['check', '-k', directory], { env: pathWith({ kustomize: STUB }) });
    expect(stderr).toBe(`ran kustomize build -- ${directory}\n`);
    expect(stdout).toContain('VHG101');
  });

  test('stands beside paths, and more than once', async () => {
    const [first, second] = [overlay(), overlay()];
    const argv = ['check', '-o', 'json', '-k', first, '-k', second, '-k', first, 'deploy/examples/virtual-machine.yaml'];
    const { stdout } = await runCli(argv, { env: pathWith({ kubectl: STUB }) });
    expect(JSON.parse(stdout)).toMatchObject({ summary: { objects: 3, inScope: 3 }, errors: [] });
  });

  test('goes for mutate and graph, and for a diff of fix', async () => {
    const env = pathWith({ kubectl: STUB });
    const run = (...argv: string[]): Promise<CliResult> => runCli([...argv, '-k', overlay()], { env });
    expect((await run('mutate')).stdout).toContain('network.operator.openshift.io/external-openvswitch');
    expect((await run('graph', '-o', 'mermaid')).stdout).toContain('ovs-net');
    expect((await run('fix', '--dry-run')).stdout).toContain('+++ b/');
    const { exitCode, stderr } = await run('fix');
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'vhostguard: fix writes files, and what kustomize renders is none\n  hint: use `vhostguard mutate -k DIR`, or --dry-run for a diff\n',
    );
  });

  test('writes no replacements into SARIF', async () => {
    const { stdout } = await runCli(['check', '-o', 'sarif', '-k', overlay()], { env: pathWith({ kubectl: STUB }) });
    expect(stdout).toContain('"ruleId": "VHG110"');
    expect(stdout).not.toContain('"fixes"');
  });

  test('gets the real thing right, where it is installed', async ({ skip }) => {
    const renderer = ['kubectl', 'kustomize'].find((program) => isInstalled(program));
    skip(renderer === undefined, 'neither kubectl nor kustomize is installed');
    const { exitCode, stdout } = await runCli(['check', '-o', 'json', '-k', overlay()], { env: { PATH: process.env['PATH'] ?? '' } });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ rule: 'VHG101', renderedBy: 'kustomize', object: expect.objectContaining({ name: 'prod-vm' }) }),
      ]),
    });
  });
});

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('-k that cannot render is exit 3, and the rest is judged', () => {
  test.for<[string, Record<string, string>, string, RegExp]>([
    ['with neither program', {}, '-k needs kubectl or kustomize, and neither is on the PATH', /install one of them/],
    [
      'with a kustomization that is wrong',
      { kubectl: 'echo "Warning: old field" >&2; echo "error: no such resource" >&2; exit 1' },
      '`kubectl kustomize` fails with exit code 1: error: no such resource',
      /try `kubectl kustomize .*prod`/,
    ],
    ['with a program that dies', { kubectl: 'kill -9 $$' }, '`kubectl kustomize` fails (SIGKILL)', /try/],
    [
      'with a program that never stops printing',
      { kubectl: 'while :; do printf %01000000d 0; done' },
      '`kubectl kustomize` prints more than 64 MiB',
      /try/,
    ],
    ['with output that is no text', { kubectl: "printf '\\377\\376'" }, 'it is no UTF-8 text', /UTF-8/],
  ])('%s', async ([, programs, message, hint]) => {
    const directory = overlay();
    const argv = ['check', '-o', 'json', '-k', directory, 'deploy/examples/virtual-machine.yaml'];
    const { exitCode, stdout, stderr } = await runCli(argv, { env: pathWith(programs) });
    expect(exitCode).toBe(3);
    const { errors, summary } = JSON.parse(stdout) as { errors: object[]; summary: object };
    expect(errors).toEqual([{ file: `${directory} (kustomize)`, line: 0, column: 0, message, hint: expect.stringMatching(hint) }]);
    expect(summary).toMatchObject({ objects: 1 });
    expect(stdout + stderr).not.toMatch(/\n\s+at |internal error/);
  });

  test('of a directory that is none, or a URL, which nothing fetches', async () => {
    const env = pathWith({ kubectl: STUB });
    const { exitCode, stdout, stderr } = await runCli(['check', '-k', 'https://example.org/repository', '-k', 'package.json'], { env });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('https://example.org/repository (kustomize): cannot read: there is no such file or directory');
    expect(stdout).toContain('package.json (kustomize): cannot read: it is no directory');
    expect(stderr).toBe('');
  });

  test('in which a document does not parse', async () => {
    const directory = overlay();
    const { exitCode, stdout } = await runCli(['check', '-k', directory], { env: pathWith({ kubectl: 'echo "a: ["' }) });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/prod \(kustomize\):\d+:\d+: cannot read: [\s\S]* of what `kustomize build` prints\n/);
  });

  test('that takes too long', async () => {
    const io = { stderr: { write: () => undefined }, env: pathWith({ kubectl: 'while :; do :; done' }) };
    await expect(renderKustomization(overlay(), io, 100)).rejects.toThrow('`kubectl kustomize` takes too long');
  });
});
