import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { createOwnerLookup } from '../../src/controller/owner.ts';
import { createSecretStore } from '../../src/controller/secret-store.ts';
import type { UpkeepOptions } from '../../src/controller/upkeep.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { sendTo, startTestUpkeep, type TestUpkeep } from '../support/controller.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';

const VALIDATING = { kind: 'ValidatingWebhookConfiguration', name: 'vhostguard' } as const;
const MUTATING = { kind: 'MutatingWebhookConfiguration', name: 'vhostguard' } as const;

async function cluster(): Promise<FakeApiServer> {
  const server = await startFakeApiServer();
  onTestFinished(server.stop);
  return server;
}

/** Waits long enough for a machine that has much else to do. */
async function eventually(assertion: () => void): Promise<void> {
  await vi.waitFor(assertion, 15_000);
}

async function settled({ upkeep, lines }: TestUpkeep): Promise<void> {
  await eventually(() => expect(upkeep.unreadiness(), lines.join('\n')).toEqual([]));
}

/** An upkeep with certificates in Secrets of the cluster, once all is well. */
async function started(server: FakeApiServer, options: Partial<UpkeepOptions> = {}): Promise<TestUpkeep> {
  const send = sendTo(server);
  const certificates = { store: createSecretStore(send, 'vhostguard'), hosts: LOCAL_HOSTS };
  const running = startTestUpkeep(send, { certificates, ...options });
  await settled(running);
  return running;
}

function webhooksOf(configuration: JsonObject | undefined): JsonObject[] {
  return (configuration?.['webhooks'] ?? []) as JsonObject[];
}

function writes(server: FakeApiServer): string[] {
  return server.requests.filter(({ method }) => method !== 'GET').map(({ method, plural }) => `${method} ${plural}`);
}

function bundleOf(server: FakeApiServer, { kind, name }: { readonly kind: string; readonly name: string } = VALIDATING): string {
  const webhooks = server.get({ kind, name })?.['webhooks'] as readonly { clientConfig: { caBundle: string } }[] | undefined;
  return webhooks?.[0]?.clientConfig.caBundle ?? '';
}

describe('webhook configurations in an API server', () => {
  test('are registered with the CA of the store, and not written again', async () => {
    const server = await cluster();
    const { lines } = await started(server);
    const looks = server.requests.length;
    await eventually(() => expect(server.requests.length).toBeGreaterThan(looks + 20));
    expect(writes(server)).toEqual([
      'POST secrets',
      'POST secrets',
      'POST mutatingwebhookconfigurations',
      'POST validatingwebhookconfigurations',
    ]);
    expect(Buffer.from(bundleOf(server), 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(lines.slice(2)).toEqual([
      'info: registered the MutatingWebhookConfiguration vhostguard',
      'info: registered the ValidatingWebhookConfiguration vhostguard',
      'info: certificates and webhook configurations are as they must be',
    ]);
  });

  test('are put back when somebody deletes them', async () => {
    const server = await cluster();
    const { lines } = await started(server);
    const before = bundleOf(server);
    server.remove(VALIDATING);
    server.remove(MUTATING);
    await eventually(() => expect(bundleOf(server)).toBe(before));
    await eventually(() => expect(bundleOf(server, MUTATING)).toBe(before));
    const told = 'warn: put back the ValidatingWebhookConfiguration vhostguard, which somebody had deleted';
    await eventually(() => expect(lines).toContain(told));
  });

  test.for<[string, string, (webhook: JsonObject) => JsonObject]>([
    [
      'caBundle',
      'caBundle of strict',
      (webhook) => ({ ...webhook, clientConfig: { ...Object(webhook['clientConfig']), caBundle: 'eA==' } }),
    ],
    ['a failure policy', 'failurePolicy of strict', (webhook) => ({ ...webhook, failurePolicy: 'Ignore' })],
    ['a selector', 'namespaceSelector of strict', (webhook) => ({ ...webhook, namespaceSelector: {} })],
    ['a match condition', 'matchConditions of strict', (webhook) => ({ ...webhook, matchConditions: [] })],
  ])('are corrected when %s was changed, which the log names', async ([, what, change]) => {
    const server = await cluster();
    const { lines } = await started(server);
    const good = server.get(VALIDATING);
    const [strict, ...others] = webhooksOf(good);
    server.put({ ...good, webhooks: [change(strict ?? {}), ...others] });
    await eventually(() => expect(server.get(VALIDATING)?.['webhooks']).toEqual(good?.['webhooks']));
    await eventually(() =>
      expect(lines.at(-1)).toBe(`info: corrected the ValidatingWebhookConfiguration vhostguard: ${what}.validate.vhostguard.dev`),
    );
  });

  test('keep what a newer API server or others added', async () => {
    const server = await cluster();
    await started(server);
    const good = server.get(VALIDATING);
    const metadata = { ...good?.metadata, annotations: { ...Object(good?.metadata['annotations']), note: 'mine' } };
    const added = webhooksOf(good).map((webhook) => ({ ...webhook, newField: 'default' }));
    server.put({ ...good, metadata, webhooks: added });
    const [looks, written] = [server.requests.length, writes(server).length];
    await eventually(() => expect(server.requests.length).toBeGreaterThan(looks + 20));
    expect(writes(server)).toHaveLength(written);
    server.put({ ...good, metadata, webhooks: [] });
    await eventually(() => expect(server.get(VALIDATING)?.['webhooks']).toEqual(good?.['webhooks']));
    expect(server.get(VALIDATING)?.metadata['annotations']).toMatchObject({ note: 'mine' });
  });

  test('follow the settings', async () => {
    const server = await cluster();
    let settings = DEFAULT_SETTINGS;
    await started(server, { settings: () => settings });
    settings = { ...settings, bindings: ['ovsdpdk'] };
    await eventually(() => expect(JSON.stringify(server.get(VALIDATING))).toContain('i.binding.name in [\\"ovsdpdk\\"]'));
  });

  test('two controllers that share their certificates do not undo each other', async () => {
    const server = await cluster();
    const both = await Promise.all([started(server), started(server)]);
    const [looks, written] = [server.requests.length, writes(server).length];
    await eventually(() => expect(server.requests.length).toBeGreaterThan(looks + 60));
    expect(writes(server)).toHaveLength(written);
    for (const { upkeep } of both) expect(upkeep.unreadiness()).toEqual([]);
  });

  test('of two controllers with other webhooks the later one wins, once, and the earlier one says so', async () => {
    const server = await cluster();
    const earlier = await started(server, { registeredBy: 'the Service a/b' });
    const later = await started(server, { registeredBy: 'https://10.0.0.1:9443', target: { at: 'url', url: 'https://10.0.0.1:9443' } });
    expect(later.lines.join('\n')).toContain(
      'takes over the ValidatingWebhookConfiguration vhostguard from the controller for the Service a/b',
    );
    await eventually(() =>
      expect(earlier.upkeep.unreadiness()[0]).toBe(
        'another controller, for https://10.0.0.1:9443, has taken over the MutatingWebhookConfiguration vhostguard: stop one of the two',
      ),
    );
    const written = writes(server).length;
    const looks = server.requests.length;
    await eventually(() => expect(server.requests.length).toBeGreaterThan(looks + 30));
    expect(writes(server)).toHaveLength(written);
    expect(await earlier.upkeep.remove()).toEqual([]);
    expect(server.get(VALIDATING)).toBeDefined();
  });

  test("somebody else's configuration of that name is neither changed nor removed", async () => {
    const server = await cluster();
    const foreign = { apiVersion: 'admissionregistration.k8s.io/v1', webhooks: [] };
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    server.put({ ...foreign, kind: VALIDATING.kind, metadata: { name: 'vhostguard', labels } });
    server.put({ ...foreign, kind: MUTATING.kind, metadata: { name: 'vhostguard' } });
    const { upkeep } = startTestUpkeep(sendTo(server));
    await eventually(() =>
      expect(upkeep.unreadiness()).toEqual([
        expect.stringContaining('MutatingWebhookConfiguration vhostguard is not touched, somebody else made it'),
        expect.stringContaining('ValidatingWebhookConfiguration vhostguard is not touched, it is managed by Helm'),
      ]),
    );
    expect(await upkeep.remove()).toEqual([]);
    expect(writes(server)).toEqual([]);
  });

  test('are removed on request, and nothing else is', async () => {
    const server = await cluster();
    const other = { apiVersion: 'admissionregistration.k8s.io/v1', kind: VALIDATING.kind, metadata: { name: 'other' }, webhooks: [] };
    server.put(other);
    const { upkeep } = await started(server);
    expect(await upkeep.remove()).toEqual([]);
    expect(server.list(MUTATING.kind)).toEqual([]);
    expect(server.list(VALIDATING.kind).map(({ metadata }) => metadata.name)).toEqual(['other']);
  });

  test('survive conflicts, refusals and an API server that is away', async () => {
    const server = await cluster();
    const { upkeep, lines } = await started(server);
    server.failNext(({ method }) => method === 'PUT', 409, 7);
    server.failNext(({ plural }) => plural === 'mutatingwebhookconfigurations', 429, 1);
    server.failNext(({ plural }) => plural === 'mutatingwebhookconfigurations', 500, 1);
    const good = server.get(VALIDATING)?.['webhooks'];
    server.put({ ...server.get(VALIDATING), webhooks: [] });
    await eventually(() => expect(server.get(VALIDATING)?.['webhooks']).toEqual(good));
    await server.stop();
    await eventually(() =>
      expect(upkeep.unreadiness()[0]).toMatch(/^cannot reach the API server 127\.0\.0\.1:\d+: the connection is refused$/),
    );
    server.remove(VALIDATING);
    await server.start();
    await eventually(() => expect(server.get(VALIDATING)?.['webhooks']).toEqual(good));
    await settled({ upkeep, lines });
    expect(lines.join('\n')).toContain('warn: the API server answers get of mutatingwebhookconfigurations with 429');
  });

  test('a permission that is missing is named, once', async () => {
    const server = await cluster();
    server.failNext(({ method, plural }) => method === 'POST' && plural.endsWith('webhookconfigurations'), 403, Number.POSITIVE_INFINITY);
    const { upkeep, lines } = startTestUpkeep(sendTo(server));
    const missing = (plural: string) =>
      `the controller's role lacks the verb "create" on the resource "${plural}" in the API group "admissionregistration.k8s.io"`;
    const both = [missing('mutatingwebhookconfigurations'), missing('validatingwebhookconfigurations')];
    await eventually(() => expect(upkeep.unreadiness()).toEqual(both));
    await eventually(() => expect(writes(server).length).toBeGreaterThan(5));
    expect(lines).toEqual(both.map((message) => `warn: ${message}`));
  });

  test('a refusal of admission is no permission that is missing: its own words are told', async () => {
    const server = await cluster();
    const message = `forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`;
    server.failNext(({ method }) => method === 'POST', { code: 403, message }, Number.POSITIVE_INFINITY);
    const { upkeep } = startTestUpkeep(sendTo(server));
    const told = `the API server answers create of mutatingwebhookconfigurations with 403: "${message}"`;
    await eventually(() => expect(upkeep.unreadiness()).toContain(told));
  });

  test('an API server that hangs is given up on in time', async () => {
    const server = await cluster();
    server.failNext(() => true, 'hang', 1);
    const running = startTestUpkeep(sendTo(server, 1000));
    await eventually(() => expect(running.lines.join('\n')).toContain('no answer within 1 s'));
    await settled(running);
  });

  test('have the ClusterRole as their owner, and are not put back while that is missing', async () => {
    const server = await cluster();
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'vhostguard-controller' } };
    server.register({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', namespaced: false });
    const { uid } = server.put(role).metadata;
    const owners = createOwnerLookup(sendTo(server), 'vhostguard-controller');
    const { upkeep } = await started(server, { owners });
    expect(server.get(VALIDATING)?.metadata['ownerReferences']).toEqual([
      { apiVersion: role.apiVersion, kind: 'ClusterRole', name: 'vhostguard-controller', uid },
    ]);
    server.remove({ kind: 'ClusterRole', name: 'vhostguard-controller' });
    await eventually(() => expect(upkeep.unreadiness()[0]).toContain('there is no ClusterRole vhostguard-controller'));
    server.remove(VALIDATING);
    const looks = server.requests.length;
    await eventually(() => expect(server.requests.length).toBeGreaterThan(looks + 3));
    expect(server.get(VALIDATING)).toBeUndefined();
  });

  test("leave a caBundle that cert-manager's injector puts in", async () => {
    const server = await cluster();
    const annotations = { 'cert-manager.io/inject-ca-from': 'vhostguard/webhook' };
    await started(server, { certificates: undefined, annotations });
    expect(bundleOf(server)).toBe('');
    const good = server.get(VALIDATING);
    const injected = webhooksOf(good).map((webhook) => ({
      ...webhook,
      failurePolicy: 'Ignore',
      clientConfig: { ...Object(webhook['clientConfig']), caBundle: 'Q0E=' },
    }));
    server.put({ ...good, webhooks: injected });
    await eventually(() => expect(JSON.stringify(server.get(VALIDATING))).toContain('"failurePolicy":"Fail"'));
    expect(bundleOf(server)).toBe('Q0E=');
    expect(server.get(VALIDATING)?.metadata['annotations']).toMatchObject(annotations);
  });
});
