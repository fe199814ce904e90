import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startLiveInventory } from '../../src/cluster/live-inventory.ts';
import { RESOURCES } from '../../src/cluster/resources.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { temporaryFile } from '../support/kubeconfig.ts';
import { eventually, type Following, follow, network, QUICK, stateOf } from '../support/live-inventory.ts';

function node(name: string, rest: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { a: 'b' } }, status: { allocatable: { cpu: '4' } }, ...rest };
}

describe('a live inventory', () => {
  test('knows what the cluster has once it is synced, and that the rest does not exist', async () => {
    const following = await follow({ objects: [network('net'), node('worker')] });
    await following.live.whenSynced();
    expect(following.live.unsynced()).toEqual([]);
    expect([stateOf(following, 'net'), stateOf(following, 'other')]).toEqual(['{"type":"userspace"}', 'absent']);
    expect(following.live.inventory.nodes()).toMatchObject({ state: 'found', value: [{ name: 'worker', isSchedulable: true }] });
    expect(following.live.kinds()).toEqual(RESOURCES.map(({ kind }) => ({ kind, isSynced: true, ageSeconds: expect.closeTo(0, -2) })));
  });

  test('keeps of a network what rules look up, and not who applied it', async () => {
    const net = network('net');
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(net) };
    const { live } = await follow({ objects: [{ ...net, metadata: { ...Object(net['metadata']), annotations } }] });
    await live.whenSynced();
    const kept = live.inventory.networkAttachmentDefinition('nfv', 'net');
    expect(kept).toMatchObject({ state: 'found', value: { namespace: 'nfv', name: 'net', config: { text: '{"type":"userspace"}' } } });
    expect(JSON.stringify(kept)).not.toContain('last-applied');
  });

  test('knows nothing before it has read anything, and says of which kinds', async () => {
    const following = await follow({ before: (server) => void server.failNext(() => true, 'hang', Infinity), objects: [network('net')] });
    expect(following.live.unsynced()).toEqual(RESOURCES.map(({ plural }) => `${plural} are not read yet`));
    expect(following.live.inventory.networkAttachmentDefinition('nfv', 'net')).toEqual({
      state: 'unknown',
      reason: `NetworkAttachmentDefinition "nfv/net" is not known: network-attachment-definitions are not read yet`,
    });
    expect(following.live.inventory.nodes().state).toBe('unknown');
  });

  test('follows what is added, changed and deleted, and tells of each change once', async () => {
    const following = await follow({ objects: [network('old')] });
    const { server, live, changes } = following;
    await live.whenSynced();
    const before = changes.length;
    server.put(network('new'));
    server.put(network('old', '{"changed":1}'));
    await eventually(() =>
      expect([stateOf(following, 'new'), stateOf(following, 'old')]).toEqual(['{"type":"userspace"}', '{"changed":1}']),
    );
    server.remove({ kind: 'NetworkAttachmentDefinition', namespace: 'nfv', name: 'old' });
    await eventually(() => expect(stateOf(following, 'old')).toBe('absent'));
    expect(changes.slice(before)).toEqual(['new', 'old', 'old'].map((name) => `NetworkAttachmentDefinition nfv/${name}`));
  });

  test.for<[string, JsonObject, (live: Following['live']) => string]>([
    [
      'VirtualMachineClusterInstancetype',
      { apiVersion: 'instancetype.kubevirt.io/v1beta1', metadata: { name: 'it' } },
      ({ inventory }) => inventory.catalogue({ category: 'instancetype', isClusterWide: true, namespace: '', name: 'it' }).state,
    ],
    [
      'VirtualMachinePreference',
      { apiVersion: 'instancetype.kubevirt.io/v1beta1', metadata: { name: 'it', namespace: 'nfv' } },
      ({ inventory }) => inventory.catalogue({ category: 'preference', isClusterWide: false, namespace: 'nfv', name: 'it' }).state,
    ],
    [
      'ControllerRevision',
      { apiVersion: 'apps/v1', metadata: { name: 'it', namespace: 'nfv', labels: { 'instancetype.kubevirt.io/object-kind': 'x' } } },
      ({ inventory }) => inventory.controllerRevision('nfv', 'it').state,
    ],
    [
      'KubeVirt',
      { apiVersion: 'kubevirt.io/v1', metadata: { name: 'it', namespace: 'kubevirt' } },
      ({ inventory }) => inventory.kubeVirt().state,
    ],
    ['Namespace', { apiVersion: 'v1', metadata: { name: 'it' } }, ({ inventory }) => inventory.namespaceLabels('it').state],
    [
      'Node',
      { apiVersion: 'v1', metadata: { name: 'it' } },
      ({ inventory }) => {
        const nodes = inventory.nodes();
        return nodes.state === 'found' && nodes.value.length > 0 ? 'found' : 'absent';
      },
    ],
  ])('follows each %s', async ([kind, object, state]) => {
    const { server, live } = await follow();
    await live.whenSynced();
    expect(state(live)).toBe('absent');
    const { metadata } = server.put({ ...object, kind });
    await eventually(() => expect(state(live)).toBe('found'));
    server.remove({ kind, namespace: metadata.namespace ?? '', name: 'it' });
    await eventually(() => expect(state(live)).toBe('absent'));
  });

  test('keeps up with a flood of changes, and ends with the last one', async () => {
    const following = await follow({ objects: [network('net')] });
    await following.live.whenSynced();
    for (let round = 0; round <= 2000; round += 1) following.server.put(network(`net${round % 10}`, `{"round":${round}}`));
    await eventually(() => expect(stateOf(following, 'net0')).toBe('{"round":2000}'));
    expect(Array.from({ length: 9 }, (_, index) => stateOf(following, `net${index + 1}`))).toEqual(
      Array.from({ length: 9 }, (_, index) => `{"round":${1991 + index}}`),
    );
    expect(following.log).toEqual([]);
  });

  test('does not tell of the status that the kubelet writes all the time', async () => {
    const { server, live, changes } = await follow({ objects: [node('worker')] });
    await live.whenSynced();
    const before = changes.length;
    server.put(node('worker', { status: { allocatable: { cpu: '4' }, conditions: [{ lastHeartbeatTime: 'now' }] } }));
    server.put(node('worker', { spec: { unschedulable: true } }));
    await eventually(() => expect(live.inventory.nodes()).toMatchObject({ value: [{ isSchedulable: false }] }));
    expect(changes.slice(before)).toEqual(['Node /worker']);
  });

  test('asks only for what rules look up, and reads no revision of a whole VM', async () => {
    const { server, live } = await follow();
    await live.whenSynced();
    await eventually(() => expect(server.watches()).toBe(RESOURCES.length));
    expect(new Set(server.requests.map(({ plural, verb }) => `${verb} ${plural}`))).toEqual(
      new Set(RESOURCES.flatMap(({ plural }) => [`list ${plural}`, `watch ${plural}`])),
    );
    const revisions = server.requests.filter(({ plural }) => plural === 'controllerrevisions');
    expect(revisions.map(({ query }) => query.get('labelSelector'))).toEqual(Array(2).fill('instancetype.kubevirt.io/object-kind'));
  });

  test('is worth nothing without a kubeconfig that can be used', () => {
    const start = (kubeconfig: string) =>
      startLiveInventory({ kubeconfig, pace: QUICK, log: { info: () => undefined, warn: () => undefined }, now: () => 0 });
    expect(() => start('/nowhere/kubeconfig')).toThrow('cannot read the kubeconfig /nowhere/kubeconfig: there is no such file');
    expect(() => start(temporaryFile('kubeconfig', '[]'))).toThrow('names no current-context');
  });

  test('says what a pod lacks whose service account is not mounted, and tries again', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '127.0.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '1');
    const log: string[] = [];
    const tell = (message: string): void => void log.push(message);
    const live = startLiveInventory({ isInCluster: true, pace: QUICK, log: { info: tell, warn: tell }, now: () => 0 });
    onTestFinished(live.stop);
    await eventually(() => expect(log).toHaveLength(1));
    expect(log[0]).toMatch(/^the service account of this pod gives no usable credentials: ENOENT: .*another attempt follows$/);
  });

  test('leaves no connection behind when it stops', async () => {
    const { server, live } = await follow();
    await live.whenSynced();
    await eventually(() => expect(server.watches()).toBe(RESOURCES.length));
    await live.stop();
    await eventually(() => expect(server.watches()).toBe(0));
    const before = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 10 * QUICK.mostRetryMs));
    expect(server.requests.length).toBe(before);
  });

  test('stops while the API server does not answer', async () => {
    const { live } = await follow({ before: (server) => void server.failNext(() => true, 'hang', Infinity), pace: { timeoutMs: 60_000 } });
    const synced = live.whenSynced(AbortSignal.timeout(50));
    await synced;
    await live.stop();
    expect(live.unsynced()).toHaveLength(RESOURCES.length);
  });
});
