import { describe, expect, onTestFinished, test } from 'vitest';
import { createAuthority, createLeaf } from '../../src/certificates/issue.ts';
import { webhookConfigurations } from '../../src/controller/webhook-configurations.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { RULES } from '../../src/rules/index.ts';
import { visit } from '../support/doctor.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';
import { TOKEN } from '../support/fake-api-server.ts';
import { startTestServer } from '../support/webhook-server.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOST = 'vhostguard-webhook.vhostguard.svc';
const SECRET = 'certificate in the Secret vhostguard/vhostguard-webhook-tls';

function deployment(component: string, replicas: number, available: number): JsonObject {
  const labels = { 'app.kubernetes.io/name': 'vhostguard', 'app.kubernetes.io/component': component };
  const metadata = { name: `vhostguard-${component}`, namespace: 'vhostguard', labels };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas }, status: { availableReplicas: available } };
}

function budget(disruptionsAllowed: number): JsonObject {
  const labels = { 'app.kubernetes.io/name': 'vhostguard', 'app.kubernetes.io/component': 'webhook' };
  const metadata = { name: 'vhostguard-webhook', namespace: 'vhostguard', labels };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, status: { disruptionsAllowed } };
}

function secret({ cert, key }: { readonly cert: string; readonly key: string }): JsonObject {
  const data = { 'tls.crt': Buffer.from(cert).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'vhostguard-webhook-tls', namespace: 'vhostguard' }, data };
}

function configMap(text: string): JsonObject {
  const config = `apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n${text}`;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vhostguard', namespace: 'vhostguard' },
    data: { 'config.yaml': config },
  };
}

/** A cluster with the product as `deploy/` installs it, until the test is over. */
async function startCluster(): Promise<FakeApiServer> {
  const server = await startFakeApiServer({
    objects: [deployment('webhook', 2, 2), deployment('controller', 1, 1), budget(1), configMap('')],
  });
  onTestFinished(server.stop);
  const now = Date.now();
  const validity = { fromMs: now - DAY_MS, toMs: now + 90 * DAY_MS };
  const authority = await createAuthority('vhostguard CA', validity);
  const leaf = await createLeaf(authority, [HOST], validity);
  const webhook = await startTestServer({ certificate: leaf });
  onTestFinished(webhook.stop);
  server.endpoint('vhostguard/vhostguard-webhook', webhook.port);
  server.put(secret(leaf));
  const target = { at: 'service', namespace: 'vhostguard', name: 'vhostguard-webhook', port: 443 } as const;
  const options = { target, caBundle: authority.cert, settings: DEFAULT_SETTINGS, rules: RULES.map(({ meta }) => meta) };
  for (const each of webhookConfigurations(options)) server.put(each);
  return server;
}

test('all is well in a cluster, but that no policy reports are written', async () => {
  const server = await startCluster();
  const { exitCode, inState, check, stdout } = await visit(server);
  expect([inState('fail'), inState('skip'), exitCode]).toEqual([[], [], 0]);
  expect(inState('warn')).toEqual(['policy reports: none are written: reports.openreports.io v1alpha1 is not installed']);
  expect(check('configuration').detail).toBe('as the ConfigMap vhostguard/vhostguard says');
  expect(check(SECRET).detail).toMatch(/^trusted; CN=vhostguard has (89|90) days left$/);
  expect(check('webhook replicas').detail).toBe('2 of 2 available');
  expect(check('disruption budget').detail).toBe('1 may be stopped now');
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, finished: true, summary: { ok: 15, warn: 1, fail: 0, skip: 0 } });
});

describe('replicas', () => {
  test.for<[string, JsonObject, string, object]>([
    ['some are missing', deployment('webhook', 3, 2), 'webhook replicas', { state: 'warn', detail: '2 of 3 available' }],
    [
      'none is available',
      deployment('webhook', 2, 0),
      'webhook replicas',
      { state: 'fail', detail: '0 of 2 available: vhost-user objects are refused until one is' },
    ],
    [
      'the controller is switched off',
      deployment('controller', 0, 0),
      'controller replicas',
      { state: 'fail', detail: 'scaled to 0: nothing renews certificates or puts webhooks back' },
    ],
    [
      'none may be stopped',
      budget(0),
      'disruption budget',
      { state: 'warn', detail: 'no replica may be stopped now: a drain of its node waits' },
    ],
  ])('%s', async ([, object, title, expected]) => {
    const server = await startCluster();
    server.put(object);
    expect((await visit(server)).check(title)).toMatchObject(expected);
  });
});

describe('the Secret', () => {
  const validity = { fromMs: Date.now() - DAY_MS, toMs: Date.now() + 90 * DAY_MS };

  test('of another authority, of another host and with the wrong key is told', async () => {
    const server = await startCluster();
    const authority = await createAuthority('vhostguard CA', validity);
    const leaf = await createLeaf(authority, [HOST], validity);
    server.put(secret(leaf));
    expect((await visit(server)).check(SECRET)).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(/^not trusted: the caBundle of mutate\.vhostguard\.dev, .* has not its authority; /),
    });
    server.put(secret(await createLeaf(authority, ['other.example.com'], validity)));
    expect((await visit(server)).check(SECRET).detail).toMatch(/^not trusted: it is not for vhostguard-webhook\.vhostguard\.svc; /);
    server.put(secret({ cert: leaf.cert, key: authority.key }));
    expect((await visit(server)).check(SECRET)).toMatchObject({ state: 'fail', detail: 'tls.key is not the key of tls.crt' });
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) server.remove({ kind, name: 'vhostguard' });
    server.put(secret(leaf));
    expect((await visit(server)).check(SECRET)).toMatchObject({ state: 'skip', detail: expect.stringContaining('there is no caBundle') });
    server.remove({ kind: 'Secret', namespace: 'vhostguard', name: 'vhostguard-webhook-tls' });
    expect((await visit(server)).check(SECRET).detail).toBe('there is none: new webhook replicas wait for it');
  });
});

describe('the configuration of the cluster', () => {
  test('that only warns has no canary denied, and one with a mistake is named', async () => {
    const server = await startCluster();
    server.put(configMap('enforcement: warn\n'));
    expect((await visit(server)).check('a VMI without hugepages')).toMatchObject({
      state: 'skip',
      detail: 'enforcement is warn: nothing is denied',
    });
    server.put(configMap('rules: {VHG101: off, VHG110: off}\n'));
    const { check } = await visit(server);
    expect(check('a VMI without hugepages').detail).toContain('VHG104');
    expect(check('a VMI without a node')).toMatchObject({ state: 'skip', detail: 'enforcement is off: nothing is repaired' });
    server.put(configMap('enforcement: perhaps\n'));
    expect((await visit(server)).check('configuration')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('config.yaml:3:'),
    });
  });

  test('that excludes the namespace of the canaries is told instead of trying them', async () => {
    const server = await startCluster();
    const { checks, check } = await visit(server, ['-o', 'json', '--canary-namespace', 'vhostguard']);
    expect(checks.filter(({ group }) => group === 'canaries')).toHaveLength(1);
    expect(check('canaries').detail).toBe('the namespace vhostguard is excluded from the webhooks');
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
  });
});

test('without KubeVirt there are no canaries', async () => {
  const server = await startCluster();
  for (const plural of ['kubevirts', 'virtualmachines', 'virtualmachineinstances', 'virtualmachineinstancereplicasets'])
    server.unregister({ group: 'kubevirt.io', plural });
  const { check, exitCode } = await visit(server);
  expect(check('KubeVirt is installed').state).toBe('warn');
  expect(check('canaries')).toMatchObject({ state: 'skip', detail: 'KubeVirt is not installed: there is nothing to try' });
  expect(exitCode).toBe(0);
});

describe('permissions', () => {
  const forbidden = (plural: string, verb: string) => ({
    code: 403,
    message: `${plural} is forbidden: User "u" cannot ${verb} resource "${plural}"`,
  });

  test('that are missing are named: what else is known decides', async () => {
    const server = await startCluster();
    for (const plural of ['secrets', 'deployments', 'poddisruptionbudgets', 'configmaps'])
      server.failNext((request) => request.plural === plural, forbidden(plural, 'get'), Infinity);
    const { exitCode, check } = await visit(server);
    expect(check(SECRET)).toMatchObject({
      state: 'skip',
      detail: 'the user\'s role lacks the verb "get" on the resource "secrets" in the core API group, namespace "vhostguard"',
    });
    expect(check('webhook replicas').detail).toContain('the verb "list" on the resource "deployments" in the API group "apps"');
    expect(check('configuration')).toMatchObject({ state: 'skip', detail: expect.stringContaining('"configmaps"') });
    expect(exitCode).toBe(0);
  });

  test('without those for webhook configurations or canaries nothing is proven', async () => {
    const server = await startCluster();
    server.failNext(({ plural }) => plural.endsWith('webhookconfigurations'), forbidden('webhooks', 'get'), Infinity);
    server.failNext(({ verb }) => verb === 'create', forbidden('virtualmachines', 'create'), Infinity);
    const { exitCode, check } = await visit(server);
    expect(check('MutatingWebhookConfiguration')).toMatchObject({ state: 'fail', detail: expect.stringContaining('the verb "get"') });
    expect(check('other webhooks').state).toBe('skip');
    expect(check('a plain VM')).toMatchObject({
      state: 'fail',
      detail:
        'the user\'s role lacks the verb "create" on the resource "virtualmachines" in the API group "kubevirt.io", namespace "default"',
    });
    expect(exitCode).toBe(1);
  });
});

test('a canary that admission refuses for another reason lacks no permission', async () => {
  const server = await startCluster();
  const message =
    'virtualmachines.kubevirt.io is forbidden: unable to create new content in namespace default because it is being terminated';
  server.failNext(({ verb, plural }) => verb === 'create' && plural === 'virtualmachines', { code: 403, message });
  const { check } = await visit(server);
  expect(check('a plain VM')).toMatchObject({ state: 'fail', detail: expect.stringContaining('because it is being terminated') });
  expect(check('a plain VM').detail).not.toContain('lacks');
});

describe('an API server', () => {
  test('that cannot be reached ends it with 3, in both formats', async () => {
    const server = await startFakeApiServer();
    await server.stop();
    const { exitCode, checks, stdout } = await visit(server);
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ group: 'API server', state: 'fail', detail: expect.stringContaining('the connection is refused') });
    expect([exitCode, JSON.parse(stdout).finished]).toEqual([3, false]);
    const text = await visit(server, []);
    expect(text.stdout).toMatch(/× answers: cannot reach the API server .*\n {4}hint: .*\n\nnot finished: 1 checks, 1 failed/);
    expect(text.exitCode).toBe(3);
  });

  test('that does not know the user, or goes away halfway, ends it with 3', async () => {
    const server = await startCluster();
    const takeBack = server.failNext(() => true, 401, Infinity);
    const unknown = await visit(server);
    expect(unknown.check('answers').detail).toBe("the API server does not accept the user's credentials (401)");
    expect(`${unknown.stdout}${unknown.stderr}`).not.toContain(TOKEN);
    takeBack();
    server.failNext(({ plural }) => plural === 'secrets', 'reset', Infinity);
    const cut = await visit(server);
    expect(cut.checks.at(-1)).toMatchObject({ group: 'certificates', state: 'fail', detail: expect.stringContaining('was cut') });
    expect([unknown.exitCode, cut.exitCode]).toEqual([3, 3]);
  });
});

test.for([
  ['--webhook-url', 'http://127.0.0.1:9443'],
  ['--webhook-url', 'https://127.0.0.1:9443/validate'],
  ['-o', 'yaml'],
])('refuses %s %s', async ([flag = '', value = '']) => {
  const server = await startFakeApiServer();
  onTestFinished(server.stop);
  const { exitCode, stdout, stderr } = await visit(server, [flag, value]);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(flag);
});
