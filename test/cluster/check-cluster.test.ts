import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { answerStatus, type FakeApiServer, startApiServer, TOKEN } from '../support/fake-api-server.ts';
import { readFixture } from '../support/fixture.ts';
import { kubeconfigFor, temporaryFile, trusting } from '../support/kubeconfig.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';

const MACHINE = 'deploy/examples/virtual-machine.yaml';
const TYPED = 'deploy/examples/instancetype.yaml';
const POD = 'deploy/examples/virt-launcher-pod.yaml';
const NETWORK = 'deploy/examples/network.yaml';

/** All that the cluster of the examples holds. */
const CLUSTER = [NETWORK, 'deploy/examples/cluster.yaml', TYPED]
  .flatMap((file) => readFixture(file).manifests.map(({ object }) => object))
  .filter(({ kind }) => kind !== 'VirtualMachine');

/** The VM of the examples that takes most from an instancetype and a preference, which are not in the file. */
function typedMachine(): string {
  return temporaryFile('typed.yaml', readFileSync(TYPED, 'utf8').split('---\n')[2] ?? '');
}

async function clusterOf(...options: Parameters<typeof startApiServer>): Promise<{ server: FakeApiServer; flags: string[] }> {
  const server = await startApiServer(...options);
  onTestFinished(server.stop);
  return { server, flags: ['--cluster', '--kubeconfig', kubeconfigFor({ server: server.url, cluster: trusting(server.ca) })] };
}

function without(kind: string): JsonObject[] {
  return CLUSTER.filter((object) => object['kind'] !== kind);
}

describe('check --cluster', () => {
  test('judges a file by what the cluster holds', async () => {
    const { flags } = await clusterOf(CLUSTER);
    const { exitCode, stdout, stderr } = await runCli(['check', '--fail-on', 'info', '--fail-on-unknown', ...flags, MACHINE]);
    expect(stdout).toMatch(/1 object/);
    expect(stderr).toMatch(/^vhostguard: read 6 objects from 127\.0\.0\.1:\d+, context "lab"\n$/);
    expect(exitCode).toBe(0);
  });

  test.for<[string, JsonObject[]]>([
    ['everything', CLUSTER],
    ['no network', without('NetworkAttachmentDefinition')],
    ['no KubeVirt', without('KubeVirt')],
    ['no node', without('Node')],
    ['no instancetype', without('VirtualMachineClusterInstancetype')],
    ['no namespace', without('Namespace')],
    ['nothing', []],
  ])('gives the verdict of a snapshot that holds the same: %s', async ([, objects]) => {
    const { flags } = await clusterOf(objects);
    const snapshot = temporaryFile('snapshot.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    const command = ['check', '-o', 'json', '--no-repair', '--fail-on', 'warning', MACHINE, typedMachine(), POD];
    const live = await runCli([...command, ...flags]);
    const offline = await runCli([...command, '--snapshot', snapshot]);
    expect(JSON.parse(live.stdout)).toEqual(JSON.parse(offline.stdout.replaceAll(`the snapshot ${snapshot}`, 'the cluster')));
    expect(live.exitCode).toBe(offline.exitCode);
  });

  test('puts the objects of the files before those of the cluster', async () => {
    const tap = readFileSync(NETWORK, 'utf8').replaceAll('vhostuser', 'tap');
    const [live] = readFixture(temporaryFile('live.yaml', tap)).manifests;
    const { flags } = await clusterOf([...without('NetworkAttachmentDefinition'), ...(live === undefined ? [] : [live.object])]);
    expect((await runCli(['check', ...flags, MACHINE])).stdout).toContain('VHG108');
    expect((await runCli(['check', ...flags, MACHINE, NETWORK])).stdout).not.toContain('VHG108');
  });

  test('does not take a kind that is forbidden for one that is empty', async () => {
    const { flags } = await clusterOf(CLUSTER, (url, response) =>
      /nodes$|attachment/.test(url.pathname) ? answerStatus(response, 403, 'forbidden') : undefined,
    );
    const { exitCode, stdout, stderr } = await runCli(['check', '-o', 'json', ...flags, MACHINE]);
    const { findings } = JSON.parse(stdout) as { findings: { rule: string; status: string; reason?: string }[] };
    const skipped = findings.filter(({ rule }) => rule === 'VHG120' || rule === 'VHG123');
    expect(skipped.map(({ rule, status, reason }) => [rule, status, reason])).toEqual([
      ['VHG123', 'skip', 'a Node is not known: nodes could not be listed: forbidden'],
      [
        'VHG120',
        'skip',
        'NetworkAttachmentDefinition "nfv/userspace-ovs-net-1" is not known: network-attachment-definitions could not be listed: forbidden',
      ],
    ]);
    expect(findings.filter(({ status }) => status !== 'skip')).toEqual([]);
    expect(stderr).toContain('lacks the verb "list" on the resource "nodes" in the core API group');
    expect(exitCode).toBe(0);
    expect((await runCli(['check', '--fail-on-unknown', ...flags, MACHINE])).exitCode).toBe(1);
  });

  test('reads the cluster of $KUBECONFIG when no file is named', async () => {
    const { server, flags } = await clusterOf(CLUSTER);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('KUBECONFIG', flags[2]);
    expect((await runCli(['check', '--cluster', MACHINE])).exitCode).toBe(0);
    expect(server.requests).toHaveLength(9);
  });

  test('touches no cluster without the flag', async () => {
    const { server, flags } = await clusterOf(CLUSTER);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('KUBECONFIG', flags[2]);
    expect((await runCli(['check', MACHINE])).exitCode).toBe(0);
    expect(server.requests).toEqual([]);
  });

  test('could not finish where the cluster cannot be read', async () => {
    const { flags } = await clusterOf([], (_, response) => answerStatus(response, 401, 'Unauthorized'));
    const { exitCode, stdout, stderr } = await runCli(['check', ...flags, MACHINE]);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      "vhostguard: the API server does not accept the user's credentials (401)\n  hint: log in again: a token or client certificate that has expired, or none\n",
    );
    expect(stderr).not.toContain(TOKEN);
  });

  test.for([
    [['--kubeconfig', 'lab.kubeconfig'], '--kubeconfig is given without --cluster'],
    [['--cluster', '--snapshot', 'snapshot.yaml'], "option '--cluster' cannot be used with option '--snapshot <file>'"],
  ] as const)('refuses %j', async ([flags, message]) => {
    const { exitCode, stdout, stderr } = await runCli(['check', ...flags, MACHINE]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('mutate and fix --cluster', () => {
  /** A VM without a nodeSelector that says nothing of vhost-user: only its network tells. */
  function plainMachine(): string {
    const text = readFileSync(MACHINE, 'utf8').replace(/ {6}nodeSelector:\n.*\n/, '');
    return temporaryFile('machine.yaml', text.replace(/binding:\n.*\n/, 'bridge: {}\n'));
  }

  test.for<[string, (result: CliResult, text: string) => string]>([
    ['mutate', ({ stdout }) => stdout],
    ['fix', (_, text) => text],
  ])('%s repairs what only the cluster shows to need it', async ([command, repaired]) => {
    const { flags } = await clusterOf(CLUSTER);
    const file = plainMachine();
    const run = async (...argv: string[]): Promise<string> => {
      const result = await runCli([command, ...argv, file]);
      expect(result.exitCode).toBe(0);
      return repaired(result, readFileSync(file, 'utf8'));
    };
    expect(await run()).not.toContain('network.operator.openshift.io/external-openvswitch');
    expect(await run(...flags)).toContain('network.operator.openshift.io/external-openvswitch');
  });
});
