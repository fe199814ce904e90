import { describe, expect, onTestFinished, test } from 'vitest';
import { RESOURCES } from '../../src/cluster/resources.ts';
import { DEFAULT_RESOURCES } from '../support/fake-api-server/resource.ts';
import { eventually, type Following, follow, network, QUICK, stateOf } from '../support/live-inventory.ts';

const NADS = 'network-attachment-definitions';
const NAD_RESOURCE = DEFAULT_RESOURCES.filter(({ plural }) => plural === NADS);

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
    const restartMs = performance.now();
    await server.start();
    await eventually(() => expect(log.at(-1)).toBe('info the API server is read again, and the inventory is current'));
    expect(live.ageSeconds()).toBeLessThan((performance.now() - restartMs) / 1000);
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
