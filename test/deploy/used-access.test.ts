import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { RESOURCES } from '../../src/cluster/resources.ts';
import { REPORT_APIS } from '../../src/controller/report-wanted.ts';
import { SCANNED } from '../../src/controller/scan-subjects.ts';
import { SECRETS } from '../../src/controller/secret-store.ts';
import { CONFIGURATION_NAME } from '../../src/controller/webhook-configurations.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { valueAt } from '../../src/core/path.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';
import { deployed, describeDeployed, kustomized } from '../support/kustomized.ts';
import { describePermission, permissionsOf } from '../support/permissions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { workloadsOf } from '../support/workloads.ts';

const CONTROLLER = 'vhostguard-controller';
const KEPT = /^\S+ (secrets|clusterroles|\w+webhookconfigurations)\b/;

/** Runs the deployed command line of a Deployment until `isDone`, outside of its pod and with another API server. */
async function runUntil(isDone: () => boolean, deployment: string, server: FakeApiServer): Promise<void> {
  let stop: (() => void) | undefined;
  let stderr = '';
  const podSpec = workloadsOf(kustomized('overlays/default')).find(({ name }) => name === deployment)?.podSpec;
  const argv = (podSpec?.containers[0]?.args ?? [])
    .filter((argument, index, all) => ![argument, all[index - 1]].includes('--config') && argument !== '--in-cluster')
    .map((argument) => argument.replace('$(POD_NAMESPACE)', 'vhostguard').replace(/^0\.0\.0\.0:\d+$/, '127.0.0.1:0'))
    .map((argument) => (argument === '/var/run/vhostguard/tls' ? temporaryDirectory() : argument));
  const ended = run([...argv, '--kubeconfig', server.kubeconfig()], {
    stdout: { write: () => undefined },
    stderr: { write: (text) => (stderr += text) },
    stdin: async () => Buffer.from(''),
    isTerminal: false,
    env: {},
    now: () => new Date(),
    onSignal: (listener) => {
      stop = () => listener('SIGINT');
    },
  });
  await vi.waitFor(() => expect(stop !== undefined && isDone(), stderr).toBe(true), {
    timeout: 20_000,
    interval: 20,
  });
  stop?.();
  expect(await ended).toBe(0);
}

function example(file: string): JsonObject[] {
  const text = readFileSync(`deploy/examples/${file}`, 'utf8');
  return readManifests(text, file).manifests.map(({ object }) => object as JsonObject);
}

describeDeployed('the permissions that a running program uses', () => {
  test('are those of the webhook, no more and no less', async () => {
    const server = await startFakeApiServer();
    onTestFinished(server.stop);
    await runUntil(() => server.watches() === RESOURCES.length, 'vhostguard-webhook', server);
    const used = new Set(server.requests.map(describePermission));
    expect([...used].sort()).toEqual(permissionsOf(kustomized('overlays/default'), 'vhostguard-webhook'));
  });

  test('are those of the controller, and of those on certificates and webhook configurations every one is used', async () => {
    const server = await startFakeApiServer();
    onTestFinished(server.stop);
    server.register({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', namespaced: false });
    const objects = kustomized('overlays/default');
    server.put(deployed(objects, 'ClusterRole', CONTROLLER) as unknown as JsonObject);
    const configurations = () =>
      ['Mutating', 'Validating'].map((word) => server.get({ kind: `${word}WebhookConfiguration`, name: CONFIGURATION_NAME }));

    await runUntil(() => configurations().every((configuration) => configuration !== undefined), CONTROLLER, server);
    for (const configuration of configurations()) {
      expect(configuration?.metadata).toMatchObject({ ownerReferences: [{ kind: 'ClusterRole', name: CONTROLLER }] });
      server.put({ ...configuration, webhooks: [] });
    }
    const secrets = Object.values(SECRETS).map((name) => ({ kind: 'Secret', namespace: 'vhostguard', name }));
    for (const secret of secrets) server.put({ ...server.get(secret), data: { 'tls.crt': 'bm9uZQ==', 'tls.key': 'bm9uZQ==' } });
    await runUntil(
      () => configurations().every((configuration) => isDeepStrictEqual(configuration?.['webhooks'], []) === false),
      CONTROLLER,
      server,
    );

    const granted = permissionsOf(objects, CONTROLLER);
    const used = [...new Set(server.requests.map(describePermission))].sort();
    expect(used.filter((permission) => KEPT.test(permission))).toEqual(granted.filter((permission) => KEPT.test(permission)));
    const everywhere = server.requests.map(({ verb, group, plural }) => describePermission({ verb, group, plural }));
    expect(everywhere.filter((permission) => !KEPT.test(permission) && !granted.includes(permission))).toEqual([]);
  });

  test('are those of the controller that scans: to follow what it judges, and to make, change and remove reports', async () => {
    const { resource } = REPORT_APIS.openreports;
    const server = await startFakeApiServer({ objects: ['network.yaml', 'cluster.yaml'].flatMap(example) });
    onTestFinished(server.stop);
    server.register({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', namespaced: false });
    server.register({ ...resource, namespaced: true });
    const [machine = {}] = example('virtual-machine.yaml');
    const broken = JSON.parse(JSON.stringify(machine).replace('"1Gi"', '"1024Mi"')) as JsonObject;
    const used = (): string[] => [
      ...new Set(server.requests.map(({ verb, group, plural }) => describePermission({ verb, group, plural }))),
    ];
    server.put(machine);
    const followed = RESOURCES.length + SCANNED.length;
    await runUntil(() => server.list('Report').length === 2 && server.watches() === followed, CONTROLLER, server);
    server.put(broken);
    await runUntil(() => used().includes('update reports.openreports.io'), CONTROLLER, server);
    server.remove({ kind: 'VirtualMachine', namespace: 'nfv', name: String(valueAt(machine, ['metadata', 'name'])) });
    await runUntil(() => server.list('Report').length === 1, CONTROLLER, server);
    const scanning = permissionsOf(kustomized('overlays/default'), CONTROLLER).filter(
      (permission) => !KEPT.test(permission) && !/ (events|policyreports)\b/.test(permission),
    );
    // A VM is looked at again where what it depends on changed, or where it is gone; the other kinds are in the same way.
    const alike = SCANNED.filter(({ kind }) => kind !== 'VirtualMachine').map((each) => describePermission({ ...each, verb: 'get' }));
    expect(scanning.filter((permission) => !used().includes(permission) && !alike.includes(permission))).toEqual([]);
  });
});
