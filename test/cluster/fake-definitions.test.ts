import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { sendTo } from '../support/controller.ts';
import { resourcesOf } from '../support/fake-api-server/definitions.ts';
import { DEFAULT_RESOURCES } from '../support/fake-api-server/resource.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';

const PATH = '/apis/lab.example/v1/namespaces/nfv/things';

/** A CustomResourceDefinition as kube-apiserver takes it. */
const THINGS: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.lab.example' },
  spec: {
    group: 'lab.example',
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things' },
    versions: [
      { name: 'v1alpha1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  replicas: { type: 'integer' },
                  mode: { type: 'string', default: 'plain' },
                  labels: { type: 'object', additionalProperties: { type: 'string' } },
                  parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

function thing(spec: object, metadata: object = {}): JsonObject {
  return { apiVersion: 'lab.example/v1', kind: 'Thing', metadata: { name: 'a', ...metadata }, spec };
}

async function start(): Promise<FakeApiServer> {
  const server = await startFakeApiServer({ resources: [...DEFAULT_RESOURCES, ...resourcesOf([THINGS])] });
  onTestFinished(server.stop);
  return server;
}

describe('a kind of a CustomResourceDefinition on the fake API server', () => {
  test('loses what the schema does not know, and gets its defaults', async () => {
    const server = await start();
    const spec = { size: 1, other: 1, labels: { a: 'b' }, parts: [{ name: 'x', colour: 'y' }], free: { any: [1] } };
    expect((await sendTo(server)('POST', PATH, { ...thing(spec, { labels: { a: 'b' } }), extra: 1 })).status).toBe(201);
    expect(server.list('Thing')).toMatchObject([
      {
        metadata: { name: 'a', labels: { a: 'b' } },
        spec: { size: 1, mode: 'plain', labels: { a: 'b' }, parts: [{ name: 'x' }], free: { any: [1] } },
      },
    ]);
    expect(JSON.stringify(server.list('Thing'))).not.toMatch(/other|colour|extra/);
  });

  test.for([
    [{}, /things\.lab\.example "a" is invalid: spec: must have required property 'size'/],
    [{ size: 0 }, /spec\.size: must be >= 1/],
    [{ size: 1, parts: {} }, /spec\.parts: must be array/],
  ] as const)('%j is refused', async ([spec, message]) => {
    const server = await start();
    const { status, body } = await sendTo(server)('POST', PATH, thing(spec));
    expect([status, body]).toEqual([422, expect.objectContaining({ message: expect.stringMatching(message) })]);
    expect(server.list('Thing')).toEqual([]);
  });

  test('keeps the status that its subresource was given, and no other', async () => {
    const server = await start();
    const send = sendTo(server);
    await send('POST', PATH, { ...thing({ size: 1 }), status: { phase: 'early' } });
    expect(server.list('Thing')[0]).not.toHaveProperty('status');
    await send('PUT', `${PATH}/a/status`, { ...thing({ size: 7 }), status: { phase: 'Ready' } });
    await send('PUT', `${PATH}/a`, { ...thing({ size: 2 }), status: { phase: 'Gone' } });
    expect(server.list('Thing')).toMatchObject([{ spec: { size: 2 }, status: { phase: 'Ready' } }]);
  });

  test('is scaled by its subresource', async () => {
    const server = await start();
    const send = sendTo(server);
    await send('POST', PATH, thing({ size: 1, replicas: 2 }));
    expect((await send('GET', `${PATH}/a/scale`)).body).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
    expect(await send('PUT', `${PATH}/a/scale`, { spec: { replicas: 5 } })).toMatchObject({ status: 200, body: { spec: { replicas: 5 } } });
    expect(server.list('Thing')).toMatchObject([{ spec: { size: 1, replicas: 5 } }]);
    await send('POST', '/api/v1/namespaces/nfv/configmaps', { metadata: { name: 'a' } });
    expect((await send('PUT', '/api/v1/namespaces/nfv/configmaps/a/scale', { spec: { replicas: 5 } })).status).toBe(404);
  });

  test('goes with its last finalizer', async () => {
    const server = await start();
    const send = sendTo(server);
    await send('POST', PATH, thing({ size: 1 }, { finalizers: ['lab.example/held'] }));
    expect((await send('DELETE', `${PATH}/a`)).body).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await send('PUT', `${PATH}/a`, thing({ size: 2 }, { finalizers: ['lab.example/held'] }));
    expect(server.list('Thing')).toMatchObject([{ metadata: { deletionTimestamp: expect.any(String) }, spec: { size: 2 } }]);
    expect((await send('PUT', `${PATH}/a`, thing({ size: 2 }))).status).toBe(200);
    expect(server.list('Thing')).toEqual([]);
  });
});
