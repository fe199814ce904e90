import { describe, expect, onTestFinished, test } from 'vitest';
import { readCluster } from '../../src/cluster/read.ts';
import { listPathOf, RESOURCES } from '../../src/cluster/resources.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { answerStatus, answerUnknownPath, type FakeApiServer, startApiServer } from '../support/fake-api-server.ts';
import { kubeconfigFor, trusting } from '../support/kubeconfig.ts';

const TIMEOUT_MS = 10_000;

function named(kind: string, name: string, rest: JsonObject = {}): JsonObject {
  const { group = '', version = '' } = RESOURCES.find((each) => each.kind === kind) ?? {};
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata: { name }, ...rest };
}

async function start(...options: Parameters<typeof startApiServer>): Promise<FakeApiServer> {
  const server = await startApiServer(...options);
  onTestFinished(server.stop);
  return server;
}

function read({ url, ca }: FakeApiServer): ReturnType<typeof readCluster> {
  return readCluster({ kubeconfig: kubeconfigFor({ server: url, cluster: trusting(ca) }), timeoutMs: TIMEOUT_MS });
}

/** One object of each kind that rules look up, with the label that KubeVirt gives its revisions. */
const ONE_OF_EACH = RESOURCES.map(({ kind, labelSelector }) => {
  const labels = labelSelector === undefined ? {} : { labels: { [labelSelector]: 'VirtualMachineInstancetype' } };
  return named(kind, `the-${kind.toLowerCase()}`, { metadata: { name: `the-${kind.toLowerCase()}`, ...labels } });
});

describe('reading a cluster', () => {
  test('gives an object of each kind as it is, apiVersion and kind included', async () => {
    const { objects, unknownKinds, notes } = await read(await start(ONE_OF_EACH));
    expect(objects).toEqual(ONE_OF_EACH.map((object) => (object['kind'] === 'Node' ? { ...object, status: {} } : object)));
    expect([...unknownKinds]).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^read 9 objects from 127\.0\.0\.1:\d+, context "lab"$/)]);
  });

  test('leaves out what no rule reads: managed fields, and the status of nodes but for what is allocatable', async () => {
    const network = named('NetworkAttachmentDefinition', 'net', {
      metadata: { name: 'net', managedFields: [{ manager: 'kubectl' }], annotations: { a: 'b' } },
      spec: { config: '{}' },
    });
    const node = named('Node', 'node', { status: { allocatable: { cpu: '8' }, capacity: { cpu: '9' }, images: [{ names: ['big'] }] } });
    const { objects } = await read(await start([network, node]));
    expect(objects).toEqual([
      { ...network, metadata: { name: 'net', annotations: { a: 'b' } } },
      { ...node, status: { allocatable: { cpu: '8' } } },
    ]);
  });

  test('leaves out revisions that are no copies of instancetypes: they hold whole VMs', async () => {
    const { objects } = await read(await start([...ONE_OF_EACH, named('ControllerRevision', 'revision-start-vm')]));
    expect(objects.map(({ metadata }) => metadata)).not.toContainEqual({ name: 'revision-start-vm' });
    expect(objects).toHaveLength(ONE_OF_EACH.length);
  });

  test('follows pages of 500 to the end', async () => {
    const nodes = Array.from({ length: 1100 }, (_, index) => named('Node', `node-${index}`, { status: {} }));
    const server = await start(nodes);
    const { objects } = await read(server);
    expect(objects).toEqual(nodes);
    expect(server.requests.filter((url) => url.startsWith('/api/v1/nodes'))).toEqual([
      '/api/v1/nodes?limit=500',
      '/api/v1/nodes?limit=500&continue=500',
      '/api/v1/nodes?limit=500&continue=1000',
    ]);
  });

  test('starts over in one piece when its pages expire', async () => {
    const nodes = Array.from({ length: 600 }, (_, index) => named('Node', `node-${index}`, { status: {} }));
    const server = await start(nodes, (url, response) =>
      url.searchParams.has('continue') ? answerStatus(response, 410, 'The provided continue parameter is too old') : undefined,
    );
    const { objects } = await read(server);
    expect(objects).toEqual(nodes);
    expect(server.requests.filter((url) => url.startsWith('/api/v1/nodes'))).toEqual([
      '/api/v1/nodes?limit=500',
      '/api/v1/nodes?limit=500&continue=500',
      '/api/v1/nodes',
    ]);
  });

  test('finds nothing of a kind that is not installed, and says so', async () => {
    const server = await start(ONE_OF_EACH, (url, response) =>
      url.pathname.includes('k8s.cni.cncf.io') ? answerUnknownPath(response) : undefined,
    );
    const { objects, unknownKinds, notes } = await read(server);
    expect(objects.map(({ kind }) => kind)).not.toContain('NetworkAttachmentDefinition');
    expect(objects).toHaveLength(RESOURCES.length - 1);
    expect([...unknownKinds]).toEqual([]);
    expect(notes.slice(1)).toEqual([
      'the cluster has no NetworkAttachmentDefinition: network-attachment-definitions of k8s.cni.cncf.io/v1 are not installed',
    ]);
  });

  test('knows nothing of a kind that the user may not list, and names the permission', async () => {
    const server = await start(ONE_OF_EACH, (url, response) =>
      /nodes|attachment/.test(url.pathname) ? answerStatus(response, 403, 'nodes is forbidden: User "ci" cannot list') : undefined,
    );
    const { objects, unknownKinds, notes } = await read(server);
    expect(objects).toHaveLength(RESOURCES.length - 2);
    expect([...unknownKinds]).toEqual([
      ['NetworkAttachmentDefinition', 'network-attachment-definitions could not be listed: forbidden'],
      ['Node', 'nodes could not be listed: forbidden'],
    ]);
    expect(notes.slice(1)).toEqual([
      'every NetworkAttachmentDefinition is unknown: the user\'s role lacks the verb "list" on the resource "network-attachment-definitions" in the API group "k8s.cni.cncf.io"',
      'every Node is unknown: the user\'s role lacks the verb "list" on the resource "nodes" in the core API group',
    ]);
  });

  test('asks for four kinds at once at most', async () => {
    const server = await start([], (_, response) => {
      setTimeout(() => response.end('{"items":[]}'), 100);
      return true;
    });
    await read(server);
    expect(server.mostAtOnce()).toBeLessThanOrEqual(4);
  });

  test('asks for each kind once and for nothing else', async () => {
    const server = await start(ONE_OF_EACH);
    await read(server);
    expect(server.requests.map((url) => url.split('?')[0]).sort()).toEqual(RESOURCES.map(listPathOf).sort());
  });
});
