import { describe, expect, onTestFinished, test } from 'vitest';
import { startLiveInventory } from '../../src/cluster/live-inventory.ts';
import { RESOURCES } from '../../src/cluster/resources.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_RESOURCES } from '../support/fake-api-server/resource.ts';
import { temporaryFile } from '../support/kubeconfig.ts';
import { eventually, type Following, follow, network, QUICK } from '../support/live-inventory.ts';

const NADS = 'network-attachment-definitions';
const NAD_RESOURCE = DEFAULT_RESOURCES.filter(({ plural }) => plural === NADS);

function stateOf({ live }: Following, name: string): string {
  const lookup = live.inventory.networkAttachmentDefinition('nfv', name);
  return lookup.state === 'found' && lookup.value.config.state === 'json' ? lookup.value.config.text : lookup.state;
}

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

  test('knows nothing before it has read anything, and says of which kinds', async () => {
    const following = await follow({ before: (server) => void server.failNext(() => true, 'hang', Infinity), objects: [network('net')] });
    expect(following.live.unsynced()).toEqual(RESOURCES.map(({ plural }) => `${plural} are not read yet`));
    expect(following.live.inventory.networkAttachmentDefinition('nfv', 'net')).toEqual({
      state: 'unknown',
      reason: `NetworkAttachmentDefinition "nfv/net" is not known: ${NADS} are not read yet`,
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

describe('a live inventory whose API server is not well', () => {
  test.for<[string, (following: Following) => Promise<void> | void]>([
    ['cuts its watches', ({ server }) => server.dropWatches()],
    ['ends its watches', ({ server }) => server.endWatches()],
    [
      'cuts its watches and has forgotten where they were',
      ({ server }) => {
        server.dropWatches();
        server.compact();
      },
    ],
    [
      'says 410 before a watch begins',
      ({ server }) => {
        server.failNext(({ verb }) => verb === 'watch', 410, RESOURCES.length);
        server.dropWatches();
      },
    ],
    [
      'answers nothing but 500 and 429 for a while',
      ({ server }) => {
        server.failNext(() => true, 500, 20);
        server.failNext(() => true, 429, 20);
        server.failNext(() => true, 'reset', 20);
        server.dropWatches();
      },
    ],
    [
      'is restarted',
      async ({ server }) => {
        await server.stop();
        await new Promise((resolve) => setTimeout(resolve, 200));
        server.compact();
        await server.start();
      },
    ],
    [
      'says nothing more in its watches',
      ({ server }) => {
        server.failNext(({ verb }) => verb === 'watch', 'silent', RESOURCES.length);
        server.dropWatches();
      },
    ],
    [
      'takes up no watch',
      ({ server }) => {
        server.failNext(({ verb }) => verb === 'watch', 'hang', RESOURCES.length);
        server.dropWatches();
      },
    ],
  ])('misses nothing when it %s', async ([, trouble]) => {
    const following = await follow({
      objects: [network('kept'), network('gone'), network('changed')],
      pace: { silenceMs: 300, timeoutMs: 300 },
    });
    const { server, live, changes } = following;
    await live.whenSynced();
    await eventually(() => expect(server.watches()).toBe(RESOURCES.length));
    const before = changes.length;
    const done = trouble(following);
    // Nobody is watching at this moment.
    server.put(network('changed', '{"changed":1}'));
    server.put(network('new'));
    server.remove({ kind: 'NetworkAttachmentDefinition', namespace: 'nfv', name: 'gone' });
    await done;
    await eventually(() =>
      expect(['kept', 'gone', 'changed', 'new'].map((name) => stateOf(following, name))).toEqual([
        '{"type":"userspace"}',
        'absent',
        '{"changed":1}',
        '{"type":"userspace"}',
      ]),
    );
    expect(changes.slice(before).sort()).toEqual(['changed', 'gone', 'new'].map((name) => `NetworkAttachmentDefinition nfv/${name}`));
    server.put(network('later'));
    await eventually(() => expect(stateOf(following, 'later')).not.toBe('absent'));
    expect(live.unsynced()).toEqual([]);
  });

  test('keeps what it knows while nothing answers, says so once, and tells how old it is', async () => {
    const following = await follow({ objects: [network('net')] });
    const { server, live, log } = following;
    await live.whenSynced();
    await eventually(() => expect(server.watches()).toBe(RESOURCES.length));
    await server.stop();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(stateOf(following, 'net')).toBe('{"type":"userspace"}');
    expect(live.unsynced()).toEqual([]);
    expect(live.ageSeconds()).toBeGreaterThan(1);
    expect(log.filter((line) => line.includes('refused'))).toEqual([
      'warn cannot read from the API server HOST: the connection is refused; what was known stays in use, and another attempt follows',
    ]);
    await server.start();
    await eventually(() => expect(log.at(-1)).toBe('info the API server is read again, and the inventory is current'));
    expect(live.ageSeconds()).toBeLessThan(1);
  });

  test('waits for one that is not there yet', async () => {
    const following = await follow({ objects: [network('net')], before: (server) => void server.stop() });
    await eventually(() =>
      expect(following.live.unsynced()[0]).toMatch(/^network-attachment-definitions are not read yet: .* the connection is refused$/),
    );
    await following.server.start();
    await following.live.whenSynced();
    expect(stateOf(following, 'net')).toBe('{"type":"userspace"}');
  });

  test('does not hammer one that ends each watch at once', async () => {
    const { server, live } = await follow({ before: (fake) => void fake.failNext(({ verb }) => verb === 'watch', 500, Infinity) });
    await live.whenSynced();
    const before = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Each kind waits 80 to 100 ms once it has waited longest: ten a second at most, and a few more on the way there.
    expect(server.requests.length - before).toBeLessThan(RESOURCES.length * 20);
  });

  test('accepts a new token when the old one is refused', async () => {
    const following = await follow({ objects: [network('net')], before: (fake) => void fake.failNext(() => true, 401, 30) });
    await following.live.whenSynced();
    expect(stateOf(following, 'net')).toBe('{"type":"userspace"}');
    expect(following.log[0]).toMatch(/^warn the API server does not accept the user's credentials \(401\)/);
  });
});

describe('a live inventory of a kind that it cannot follow', () => {
  test('has nothing of one that is not installed, and follows it from when it is', async () => {
    const following = await follow({ resources: DEFAULT_RESOURCES.filter(({ plural }) => plural !== NADS) });
    const { server, live, log } = following;
    await live.whenSynced();
    expect(stateOf(following, 'net')).toBe('absent');
    for (const resource of NAD_RESOURCE) server.register(resource);
    server.put(network('net'));
    await eventually(() => expect(stateOf(following, 'net')).toBe('{"type":"userspace"}'));
    for (const resource of NAD_RESOURCE) server.unregister(resource);
    await eventually(() => expect(stateOf(following, 'net')).toBe('absent'));
    const notInstalled = `info the cluster has no NetworkAttachmentDefinition: ${NADS} of k8s.cni.cncf.io/v1 are not installed; followed as soon as they are`;
    await eventually(() => expect(log).toEqual([notInstalled, `info ${NADS} are followed now`, notInstalled]));
    expect(live.kinds()[0]?.isSynced).toBe(true);
  });

  test.for<['list' | 'watch', string]>([
    ['list', 'listed'],
    ['watch', 'watched'],
  ])('knows nothing of one that it may not %s, and names the verb, until it may', async ([verb, participle]) => {
    let allow = (): void => undefined;
    const following = await follow({
      objects: [network('net')],
      before: (server) => {
        allow = server.failNext((request) => request.plural === NADS && request.verb === verb, 403, Infinity);
      },
    });
    const { live, log, changes } = following;
    await live.whenSynced();
    expect(live.inventory.networkAttachmentDefinition('nfv', 'net')).toEqual({
      state: 'unknown',
      reason: `NetworkAttachmentDefinition "nfv/net" is not known: ${NADS} could not be ${participle}: forbidden`,
    });
    expect(live.kinds()[0]).toMatchObject({ kind: 'NetworkAttachmentDefinition', isSynced: false });
    await new Promise((resolve) => setTimeout(resolve, 5 * QUICK.forbiddenRetryMs));
    expect(changes.filter((change) => change === 'NetworkAttachmentDefinition nfv/net')).toEqual([]);
    expect(log).toEqual([
      `warn every NetworkAttachmentDefinition is unknown: the user's role lacks the verb "${verb}" on the resource "${NADS}" in the API group "k8s.cni.cncf.io"; asked again from time to time`,
    ]);
    allow();
    await eventually(() => expect(stateOf(following, 'net')).toBe('{"type":"userspace"}'));
    expect(live.kinds()[0]?.isSynced).toBe(true);
  });

  test('forgets what it knew of one that it may no longer see', async () => {
    const following = await follow({ objects: [network('net')] });
    await following.live.whenSynced();
    const allow = following.server.failNext(({ plural }) => plural === NADS, 403, Infinity);
    onTestFinished(allow);
    following.server.dropWatches();
    await eventually(() => expect(stateOf(following, 'net')).toBe('unknown'));
  });
});
