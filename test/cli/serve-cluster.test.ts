import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AdmissionResponse } from '../../src/admission/review.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { builtProgram } from '../support/built-program.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';
import { TOKEN } from '../support/fake-api-server.ts';
import { readFixture } from '../support/fixture.ts';
import { recorded } from '../support/reviews.ts';
import { runCli } from '../support/run-cli.ts';
import { serving, startProgram } from '../support/serving-program.ts';
import type { WebhookClient } from '../support/webhook-client.ts';

beforeAll(() => {
  builtProgram();
});

const [NETWORK = {}] = objectsOf('deploy/examples/network-default.yaml');
const CLUSTER = objectsOf('deploy/examples/cluster.yaml');

function objectsOf(file: string): JsonObject[] {
  return readFixture(file).manifests.map(({ object }) => object);
}

async function cluster(objects: readonly JsonObject[]): Promise<FakeApiServer> {
  const server = await startFakeApiServer({ objects });
  onTestFinished(server.stop);
  return server;
}

/** The rules for which `/validate` denies the recorded VMI, which lacks a nodeSelector whatever the cluster holds. */
async function verdict(client: WebhookClient): Promise<string> {
  const { text } = await client.post({ body: recorded('02') });
  const { allowed, status } = (JSON.parse(text) as { response: AdmissionResponse }).response;
  expect(allowed).toBe(false);
  return [...new Set(status?.message?.match(/VHG\d+/g))].join(' ');
}

async function readiness(health: string): Promise<string> {
  const response = await fetch(`${health}/readyz`);
  return `${response.status} ${await response.text()}`;
}

describe('vhostguard serve --kubeconfig', () => {
  test('judges by what the cluster holds at the moment of the review', async () => {
    const server = await cluster(CLUSTER);
    const running = startProgram(['--kubeconfig', server.kubeconfig()]);
    const { client, health } = await serving(running);
    await expect.poll(() => readiness(health), { timeout: 20_000 }).toMatch(/^200/);
    expect(running.output()).toMatch(/^inventory the cluster of \S+\/kubeconfig, followed as it changes/m);
    expect(await verdict(client)).toBe('VHG110 VHG120');
    server.put(NETWORK);
    await expect.poll(() => verdict(client), { timeout: 20_000 }).toBe('VHG110');
    const { name = '', namespace = '' } = NETWORK['metadata'] as Record<string, string>;
    server.remove({ kind: 'NetworkAttachmentDefinition', namespace, name });
    await expect.poll(() => verdict(client), { timeout: 20_000 }).toBe('VHG110 VHG120');
    running.process.kill('SIGINT');
    expect(await running.exited).toBe(0);
    expect(running.output()).not.toContain(TOKEN);
  });

  test('is not ready until everything is read, names what is not, and denies nothing for what it does not know', async () => {
    const server = await cluster(CLUSTER);
    const release = server.failNext(({ plural }) => plural === 'nodes' || plural === 'network-attachment-definitions', 500, Infinity);
    const running = startProgram(['--kubeconfig', server.kubeconfig()]);
    const { client, health } = await serving(running);
    await expect
      .poll(() => readiness(health), { timeout: 20_000 })
      .toMatch(/^503 .*nodes are not read yet: the API server answers the list of nodes with 500/s);
    expect(await readiness(health)).not.toContain('kubevirts');
    expect(await verdict(client)).toBe('VHG110');
    const metrics = await (await fetch(`${health}/metrics`)).text();
    expect(metrics).toContain('\nvhostguard_cache_synced{kind="Node"} 0\n');
    expect(metrics).toContain('\nvhostguard_cache_synced{kind="KubeVirt"} 1\n');
    expect(metrics).toMatch(/\nvhostguard_cache_age_seconds\{kind="KubeVirt"\} [\d.]+\n/);
    release();
    await expect.poll(() => readiness(health), { timeout: 20_000 }).toMatch(/^200/);
    expect(await verdict(client)).toBe('VHG110 VHG120');
  });

  test('goes on with what it knows while the API server is away', async () => {
    const server = await cluster([...CLUSTER, NETWORK]);
    const running = startProgram(['--kubeconfig', server.kubeconfig()]);
    const { client, health } = await serving(running);
    await expect.poll(() => readiness(health), { timeout: 20_000 }).toMatch(/^200/);
    await server.stop();
    await expect.poll(() => running.output(), { timeout: 20_000 }).toContain('the connection is refused; what was known stays in use');
    expect(await verdict(client)).toBe('VHG110');
    expect(await readiness(health)).toMatch(/^200/);
  });

  test('serves a cluster that is not there yet, and says what it waits for', async () => {
    const server = await cluster(CLUSTER);
    await server.stop();
    const { health } = await serving(startProgram(['--kubeconfig', server.kubeconfig()]));
    await expect.poll(() => readiness(health), { timeout: 20_000 }).toMatch(/^503 .*the connection is refused/s);
    await server.start();
    await expect.poll(() => readiness(health), { timeout: 20_000 }).toMatch(/^200/);
  });

  test('ends when it cannot listen, although it follows a cluster', async () => {
    const server = await cluster(CLUSTER);
    const { health } = await serving(startProgram());
    const running = startProgram(['--kubeconfig', server.kubeconfig(), '--health-listen', health.slice('http://'.length)]);
    expect(await running.exited).toBe(3);
  });

  test.for<[readonly string[], number, string]>([
    [
      ['--kubeconfig', 'x', '--inventory', 'deploy/examples'],
      2,
      "option '--kubeconfig <file>' cannot be used with option '--inventory <path...>'",
    ],
    [['--kubeconfig', 'x', '--in-cluster'], 2, "option '--kubeconfig <file>' cannot be used with option '--in-cluster'"],
    [['--in-cluster', '--inventory', 'deploy/examples'], 2, "option '--in-cluster' cannot be used with option '--inventory <path...>'"],
    [['--kubeconfig', '/nowhere/kubeconfig'], 3, 'cannot read the kubeconfig /nowhere/kubeconfig: there is no such file'],
    [['--inventory', '/nowhere/networks'], 3, 'one file of the inventory cannot be read'],
    [['--in-cluster'], 3, 'this is no pod of a cluster: $KUBERNETES_SERVICE_HOST is not set'],
  ])('refuses %j with exit code %i', async ([flags, code, message]) => {
    const { exitCode, stdout, stderr } = await runCli(['serve', ...flags]);
    expect([exitCode, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
  });
});
