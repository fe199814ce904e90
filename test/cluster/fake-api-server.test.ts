import {
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from '../support/fake-api-server/server.ts';

const NET = { group: 'k8s.cni.cncf.io', version: 'v1', plural: 'network-attachment-definitions' };
const TYPE = { apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition' };
const WATCHED = '/apis/k8s.cni.cncf.io/v1/network-attachment-definitions';

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; namespace: string; resourceVersion?: string };
}

function network(name: string, config = '{}'): JsonObject & Named {
  return { ...TYPE, metadata: { name, namespace: 'nfv' }, spec: { config } };
}

async function start(options: FakeApiServerOptions = {}): Promise<{ server: FakeApiServer; config: KubeConfig }> {
  const server = await startFakeApiServer(options);
  onTestFinished(server.stop);
  const config = new KubeConfig();
  config.loadFromFile(server.kubeconfig());
  return { server, config };
}

/** Collects what a watch tells, and what it ends in. */
async function watch(config: KubeConfig, query: object): Promise<{ events: string[]; ending: () => unknown }> {
  const events: string[] = [];
  let ending: unknown = 'open';
  const tell = (type: string, object: { code?: number; metadata: { name?: string } }): void => {
    events.push(`${type} ${object.code ?? object.metadata.name ?? ''}`.trim());
  };
  const controller = await new Watch(config).watch(WATCHED, { ...query }, tell, (error: unknown) => {
    ending = error ?? 'ended';
  });
  onTestFinished(() => controller.abort());
  return { events, ending: () => ending };
}

const codeOf = (thrown: unknown): unknown => (thrown as { code?: unknown }).code;

describe('the fake API server, seen by the Kubernetes client', () => {
  test('creates, reads, replaces, patches and deletes', async () => {
    const { server, config } = await start();
    const client = KubernetesObjectApi.makeApiClient(config);
    const created = await client.create(network('net'));
    expect(created.metadata).toMatchObject({ name: 'net', namespace: 'nfv', uid: expect.stringMatching(/./) });
    expect(codeOf(await client.create(network('net')).catch((thrown: unknown) => thrown))).toBe(409);
    const replaced = await client.replace({ ...created, spec: { config: '{"a":1}' } } as typeof created);
    expect(replaced.metadata?.resourceVersion).not.toBe(created.metadata?.resourceVersion);
    expect(codeOf(await client.replace(created).catch((thrown: unknown) => thrown))).toBe(409);
    const change = { ...network('net'), spec: { config: '{"b":1}' } };
    await client.patch(change, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
    expect(server.get({ kind: TYPE.kind, namespace: 'nfv', name: 'net' })?.['spec']).toEqual({ config: '{"b":1}' });
    await client.delete(network('net'));
    expect(codeOf(await client.read(network('net')).catch((thrown: unknown) => thrown))).toBe(404);
    expect(server.list(TYPE.kind)).toEqual([]);
  });

  test('keeps the version of an object that a write does not change', async () => {
    const { config } = await start({ objects: [network('net')] });
    const client = KubernetesObjectApi.makeApiClient(config);
    const before = await client.read(network('net'));
    expect((await client.replace(before)).metadata).toEqual(before.metadata);
  });

  test('applies a JSON patch and a server-side apply', async () => {
    const { server, config } = await start();
    const client = config.makeApiClient(CustomObjectsApi);
    const at = { ...NET, namespace: 'nfv', name: 'net' };
    const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
    await client.patchNamespacedCustomObject({ ...at, fieldManager: 'test', body: network('net') }, apply);
    const body = [{ op: 'replace', path: '/spec/config', value: '{"c":1}' }];
    await client.patchNamespacedCustomObject({ ...at, body }, setHeaderOptions('Content-Type', PatchStrategy.JsonPatch));
    expect(server.get({ kind: TYPE.kind, namespace: 'nfv', name: 'net' })?.['spec']).toEqual({ config: '{"c":1}' });
  });

  test('lists by namespace and label', async () => {
    const labelled = { ...network('b'), metadata: { name: 'b', namespace: 'nfv', labels: { a: 'x' } } };
    const { config } = await start({ objects: [network('a'), labelled] });
    const client = config.makeApiClient(CustomObjectsApi);
    const names = async (query: object): Promise<string[]> =>
      (await client.listNamespacedCustomObject({ ...NET, namespace: 'nfv', ...query })).items.map(
        (item: typeof labelled) => item.metadata.name,
      );
    expect(await names({})).toEqual(['a', 'b']);
    expect(await names({ labelSelector: 'a=x' })).toEqual(['b']);
    expect(await names({ namespace: 'other' })).toEqual([]);
  });

  test('tells a watch what changed after its version', async () => {
    const { server, config } = await start();
    const { metadata } = server.put(network('old'));
    server.put(network('between'));
    const { events } = await watch(config, { resourceVersion: metadata.resourceVersion, allowWatchBookmarks: true });
    server.put(network('old', '{"a":1}'));
    server.remove({ kind: TYPE.kind, namespace: 'nfv', name: 'old' });
    server.bookmark();
    await vi.waitFor(() => expect(events).toEqual(['ADDED between', 'MODIFIED old', 'DELETED old', 'BOOKMARK']));
  });

  test('has forgotten old versions after a compaction', async () => {
    const { server, config } = await start({ objects: [network('net')] });
    server.compact();
    const { events } = await watch(config, { resourceVersion: '1001' });
    await vi.waitFor(() => expect(events).toEqual(['ERROR 410']));
  });

  test('is gone while it is stopped, and back on its port with what it stored', async () => {
    const { server, config } = await start({ objects: [network('net')] });
    const { ending } = await watch(config, {});
    await server.stop();
    await vi.waitFor(() => expect(ending()).not.toBe('open'));
    const client = KubernetesObjectApi.makeApiClient(config);
    await expect(client.read(network('net'))).rejects.toThrow(/ECONNREFUSED/);
    await server.start();
    expect((await client.read(network('net'))).metadata?.name).toBe('net');
  });

  test('fails the requests that a test wants to fail, and no more', async () => {
    const { server, config } = await start();
    const client = config.makeApiClient(VersionApi);
    server.failNext(({ path }) => path === '/version', 429, 2);
    const codes = [];
    for (let round = 0; round < 3; round += 1) codes.push(await client.getCode().then((said) => said.major, codeOf));
    expect(codes).toEqual([429, 429, '1']);
    expect(server.requests.map(({ path }) => path)).toEqual(['/version', '/version', '/version']);
  });

  test('has no kind that is not registered', async () => {
    const { server, config } = await start();
    const client = config.makeApiClient(CustomObjectsApi);
    const at = { group: 'openreports.io', version: 'v1alpha1', plural: 'reports' };
    expect(codeOf(await client.listClusterCustomObject(at).catch((thrown: unknown) => thrown))).toBe(404);
    server.register({ ...at, kind: 'Report', namespaced: true });
    expect((await client.listClusterCustomObject(at)).items).toEqual([]);
    server.unregister(at);
    expect(codeOf(await client.listClusterCustomObject(at).catch((thrown: unknown) => thrown))).toBe(404);
  });
});
