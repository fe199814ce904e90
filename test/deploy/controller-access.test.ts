import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { SECRETS } from '../../src/controller/secret-store.ts';
import { CONFIGURATION_NAME } from '../../src/controller/webhook-configurations.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';
import { deployed, describeDeployed, kustomized } from '../support/kustomized.ts';
import { describePermission, permissionsOf } from '../support/permissions.ts';
import { workloadsOf } from '../support/workloads.ts';

const CONTROLLER = 'vhostguard-controller';
const KEPT = /^\S+ (secrets|clusterroles|\w+webhookconfigurations)\b/;

/** Runs the deployed command line against a server until `isDone`, as the controller of namespace `vhostguard`. */
async function runUntil(isDone: () => boolean, args: readonly string[], server: FakeApiServer): Promise<void> {
  let stop = (): void => undefined;
  let stderr = '';
  const argv = args.map((argument) => argument.replace('$(POD_NAMESPACE)', 'vhostguard').replace('0.0.0.0:9080', '127.0.0.1:0'));
  const withoutFile = argv.filter((argument, index) => argument !== '--config' && argv[index - 1] !== '--config');
  const ended = run([...withoutFile.filter((argument) => argument !== '--in-cluster'), '--kubeconfig', server.kubeconfig()], {
    stdout: { write: () => undefined },
    stderr: { write: (text) => (stderr += text) },
    stdin: async () => Buffer.from(''),
    isTerminal: false,
    env: {},
    now: () => new Date(),
    onSignal: (listener) => {
      stop = () => listener('SIGTERM');
    },
  });
  await vi.waitFor(() => expect({ isDone: isDone(), stderr }).toMatchObject({ isDone: true }), { timeout: 20_000, interval: 20 });
  stop();
  expect(await ended).toBe(0);
}

describeDeployed('the permissions that a running controller uses', () => {
  test('are given, and of those on certificates and webhook configurations every one is used', async () => {
    const server = await startFakeApiServer();
    onTestFinished(server.stop);
    server.register({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', namespaced: false });
    const objects = kustomized('overlays/default');
    server.put(deployed(objects, 'ClusterRole', CONTROLLER) as unknown as JsonObject);
    const args = workloadsOf(objects).find(({ name }) => name === CONTROLLER)?.podSpec.containers[0]?.args ?? [];
    const configurations = () =>
      ['Mutating', 'Validating'].map((word) => server.get({ kind: `${word}WebhookConfiguration`, name: CONFIGURATION_NAME }));

    await runUntil(() => configurations().every((configuration) => configuration !== undefined), args, server);
    for (const configuration of configurations()) {
      expect(configuration?.metadata).toMatchObject({ ownerReferences: [{ kind: 'ClusterRole', name: CONTROLLER }] });
      server.put({ ...configuration, webhooks: [] });
    }
    const secrets = Object.values(SECRETS).map((name) => ({ kind: 'Secret', namespace: 'vhostguard', name }));
    for (const secret of secrets) server.put({ ...server.get(secret), data: { 'tls.crt': 'bm9uZQ==', 'tls.key': 'bm9uZQ==' } });
    await runUntil(
      () => configurations().every((configuration) => isDeepStrictEqual(configuration?.['webhooks'], []) === false),
      args,
      server,
    );

    const granted = permissionsOf(objects, CONTROLLER);
    const used = [...new Set(server.requests.map(describePermission))].sort();
    expect(used.filter((permission) => KEPT.test(permission))).toEqual(granted.filter((permission) => KEPT.test(permission)));
    const everywhere = server.requests.map(({ verb, group, plural }) => describePermission({ verb, group, plural }));
    expect(everywhere.filter((permission) => !KEPT.test(permission) && !granted.includes(permission))).toEqual([]);
  });
});
