import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { answerStatus, startApiServer } from '../support/fake-api-server.ts';
import { readFixture } from '../support/fixture.ts';
import { kubeconfigFor, temporaryFile, trusting } from '../support/kubeconfig.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MACHINE = 'deploy/examples/virtual-machine.yaml';
const TYPED = 'deploy/examples/instancetype.yaml';
const POD = 'deploy/examples/virt-launcher-pod-hostpath.yaml';

const CLUSTER = ['deploy/examples/network.yaml', 'deploy/examples/cluster.yaml', TYPED]
  .flatMap((file) => readFixture(file).manifests.map(({ object }) => object))
  .filter(({ kind }) => kind !== 'VirtualMachine');

async function kubeconfigOf(...options: Parameters<typeof startApiServer>): Promise<string> {
  const server = await startApiServer(...options);
  onTestFinished(server.stop);
  return kubeconfigFor({ server: server.url, cluster: trusting(server.ca) });
}

/** Takes a snapshot. @returns the file it is in */
async function snapshotOf(kubeconfig: string): Promise<string> {
  const file = join(temporaryDirectory(), 'cluster.yaml');
  expect(await runCli(['snapshot', '--kubeconfig', kubeconfig, '-o', file])).toMatchObject({ exitCode: 0, stdout: '' });
  return file;
}

function without(kind: string): JsonObject[] {
  return CLUSTER.filter((object) => object['kind'] !== kind);
}

/** The VM of the examples that takes most from an instancetype and a preference, which are not in the file. */
function typedMachine(): string {
  return temporaryFile('typed.yaml', readFileSync(TYPED, 'utf8').split('---\n')[2] ?? '');
}

describe('vhostguard snapshot', () => {
  test('prints what rules read, sorted, with the time and without the rest', async () => {
    const { exitCode, stdout, stderr } = await runCli(['snapshot', '--kubeconfig', await kubeconfigOf(CLUSTER.toReversed())]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^vhostguard: read 6 objects from 127\.0\.0\.1:\d+, context "lab"\n$/);
    await expect(stdout).toMatchFileSnapshot('snapshot.golden.yaml');
  });

  test('could not finish without a cluster, and leaves no file', async () => {
    const file = join(temporaryDirectory(), 'cluster.yaml');
    const { exitCode, stdout, stderr } = await runCli(['snapshot', '--kubeconfig', '/nowhere/config', '-o', file]);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      'vhostguard: cannot read the kubeconfig /nowhere/config: there is no such file\n  hint: name a file that kubectl can use, with --kubeconfig or in $KUBECONFIG\n',
    );
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
  });
});

describe('check --snapshot', () => {
  test.for<[string, JsonObject[]]>([
    ['everything', CLUSTER],
    ['no network', without('NetworkAttachmentDefinition')],
    ['no KubeVirt', without('KubeVirt')],
    ['no node', without('Node')],
    ['no instancetype', without('VirtualMachineClusterInstancetype')],
    ['no namespace', without('Namespace')],
    ['nothing', []],
  ])('gives the verdict of the cluster that it was taken of, with %s', async ([, objects]) => {
    const kubeconfig = await kubeconfigOf(objects);
    await expectParity(kubeconfig);
  });

  test.for(['nodes', 'kubevirts', 'network-attachment-definitions', 'namespaces', 'virtualmachineclusterinstancetypes'])(
    'knows as little as the cluster does of %s that may not be listed',
    async (plural) => {
      const kubeconfig = await kubeconfigOf(CLUSTER, (url, response) =>
        url.pathname.endsWith(`/${plural}`) ? answerStatus(response, 403, 'forbidden') : undefined,
      );
      expect((await expectParity(kubeconfig)).stdout).toContain(`${plural} could not be listed: forbidden`);
    },
  );

  /** A snapshot of a cluster and the cluster itself make no difference. */
  async function expectParity(kubeconfig: string) {
    const file = await snapshotOf(kubeconfig);
    const command = ['check', '-o', 'json', '--no-repair', '--fail-on', 'warning', '--fail-on-unknown', MACHINE, typedMachine(), POD];
    const live = await runCli([...command, '--cluster', '--kubeconfig', kubeconfig]);
    const offline = await runCli([...command, '--snapshot', file]);
    expect(JSON.parse(offline.stdout.replaceAll(`the snapshot ${file}`, 'the cluster'))).toEqual(JSON.parse(live.stdout));
    expect([offline.exitCode, offline.stderr]).toEqual([live.exitCode, '']);
    return live;
  }
});

/** The day of `runCli` is 2026-11-22, noon. */
function takenAt(time: string): string {
  const head = `{apiVersion: vhostguard.dev/v1alpha1, kind: Snapshot, metadata: {creationTimestamp: "${time}"}, version: 1, objects: 0}\n`;
  return temporaryFile('cluster.yaml', head);
}

describe('the age of a snapshot', () => {
  test.for<[string, string[], RegExp]>([
    ['2026-11-15T12:00:00Z', [], /^$/],
    ['2026-11-15T11:59:59Z', [], /is 7d old, more than --max-snapshot-age 7d/],
    ['2026-11-13T12:00:00Z', ['--max-snapshot-age', '2w'], /^$/],
    ['2026-11-21T12:00:00Z', ['--max-snapshot-age', '12h'], /is 1d old, more than --max-snapshot-age 12h/],
    ['2026-11-22T11:00:00Z', ['--max-snapshot-age', '30m'], /is 1h old, more than --max-snapshot-age 30m/],
    ['2026-10-20T12:00:00Z', ['--max-snapshot-age', '30d'], /is 33d old, more than --max-snapshot-age 30d/],
    ['2026-11-22T12:04:00Z', [], /^$/],
    ['2026-11-23T12:00:00Z', [], /was taken in the future/],
  ])('taken at %s, with %j', async ([time, flags, warning]) => {
    const { exitCode, stderr } = await runCli(['check', '--snapshot', takenAt(time), ...flags, POD, '--fail-on', 'never']);
    expect(stderr).toMatch(warning);
    expect(exitCode).toBe(0);
  });

  test.for(['7', 'd', '7y', '-1d', '1.5h', ''])('%j is no age', async (age) => {
    const { exitCode, stderr } = await runCli(['check', '--max-snapshot-age', age, POD]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('an age is written as 30m, 12h, 7d or 2w');
  });

  test('is unknown of plain manifests, which are taken all the same', async () => {
    const { exitCode, stdout, stderr } = await runCli(['check', '--snapshot', 'deploy/examples/cluster.yaml', MACHINE]);
    expect(stderr).toContain('note: deploy/examples/cluster.yaml does not say when it was taken, so that its age is unknown');
    expect(stdout).toContain('VHG120');
    expect(exitCode).toBe(1);
  });
});

describe('a snapshot that cannot be believed is exit 3', () => {
  test.for<[string, string]>([
    ['kind: Snapshot\napiVersion: vhostguard.dev/v1alpha1\nversion: 2\n', 'FILE is a snapshot of version 2, and version 1 is needed'],
    ['kind: Snapshot\napiVersion: vhostguard.dev/v9\n', 'FILE is a snapshot of "vhostguard.dev/v9", and vhostguard.dev/v1alpha1 is needed'],
    ['kind: Node\nkind: Node\n', 'cannot read the snapshot FILE:2:1: '],
    ['kind: "Node\n', 'cannot read the snapshot FILE:'],
    ['\0', 'cannot read the snapshot FILE:1:1: NUL byte'],
  ])('%j', async ([text, message]) => {
    const file = temporaryFile('cluster.yaml', text);
    const { exitCode, stdout, stderr } = await runCli(['check', '--snapshot', file, MACHINE]);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr.replaceAll(file, 'FILE').startsWith(`vhostguard: ${message}`)).toBe(true);
    expect(stderr).toMatch(/\n {2}hint: .+\n$/);
    expect(stderr).not.toMatch(/\n\s+at |internal error/);
  });

  test('one that lacks objects, wherever it is cut off', async () => {
    const file = await snapshotOf(await kubeconfigOf(CLUSTER));
    const lines = readFileSync(file, 'utf8').split('\n');
    for (let kept = 8; kept < lines.lastIndexOf('---'); kept += 3) {
      writeFileSync(file, lines.slice(0, kept).join('\n'));
      expect((await runCli(['check', '--snapshot', file, MACHINE])).exitCode, `${kept} lines`).toBe(3);
    }
  });

  test.for(['absent.yaml', '.'])('%s', async (file) => {
    const { exitCode, stderr } = await runCli(['check', '--snapshot', file, MACHINE]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^vhostguard: cannot read the snapshot \S+: .+\n {2}hint: /);
  });
});

describe('a snapshot among the files', () => {
  test('is looked up in, and its networks, which are not whole, are not judged', async () => {
    const file = await snapshotOf(await kubeconfigOf(CLUSTER));
    const { exitCode, stdout, stderr } = await runCli(['check', '--fail-on-unknown', '-o', 'json', file, MACHINE]);
    expect(JSON.parse(stdout)).toMatchObject({ summary: { objects: 1, inScope: 1 }, findings: [], errors: [] });
    expect(stderr).toContain(`note: ${file} is a snapshot: it is not judged`);
    expect(exitCode).toBe(0);
  });

  test('of another version is exit 3, and the rest is judged', async () => {
    const file = temporaryFile('cluster.yaml', 'kind: Snapshot\napiVersion: vhostguard.dev/v1alpha1\nversion: 2\n');
    const { exitCode, stdout } = await runCli(['check', file, MACHINE]);
    expect(stdout).toContain(`${file}: cannot read: it is a snapshot of version 2, and version 1 is needed`);
    expect(stdout).toContain('1 object');
    expect(exitCode).toBe(3);
  });
});
