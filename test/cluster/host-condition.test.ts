import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { believedMs, HOST_CONDITION_LIFETIME_MS } from '../../src/cluster/host-condition.ts';
import { InventoryCache } from '../../src/cluster/inventory-cache.ts';
import { readCluster } from '../../src/cluster/read.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { readNode } from '../../src/kube/node.ts';
import { eventually, type Following, follow } from '../support/live-inventory.ts';

interface Said {
  readonly status?: string;
  readonly reason?: string;
  readonly failed?: readonly string[];
  /** How long ago, in milliseconds. */
  readonly agoMs?: number;
}

/** A Node on which an agent said this. */
function node({ status = 'False', reason = 'RequireRunningOvs', failed = ['VHG510'], agoMs = 0 }: Said = {}): JsonObject {
  const condition = { type: 'VhostUserReady', status, reason, message: `any ${agoMs}` };
  const lastHeartbeatTime = new Date(Date.now() - agoMs).toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker', labels: {}, annotations: { 'vhostguard.dev/host': JSON.stringify({ version: 1, failed }) } },
    status: {
      allocatable: { cpu: '4' },
      conditions: [
        { type: 'Ready', status: 'True' },
        { ...condition, lastHeartbeatTime },
      ],
    },
  };
}

const WITHOUT_OVS = { reason: 'RequireRunningOvs', rules: ['VHG510'] };

function faultIn({ live }: Following): unknown {
  const nodes = live.inventory.nodes();
  return nodes.state === 'found' ? nodes.value.map(({ fault }) => fault) : nodes;
}

/** What is known of all kinds, by a clock that stands still; and what rules see of the node after each change. */
function cacheOfNodes() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const cache = new InventoryCache({ info: () => undefined, warn: () => undefined }, Date.now, Date.now);
  const nodes = cache.followed.find(({ resource }) => resource.kind === 'Node');
  if (nodes === undefined) throw new Error('nodes are not followed');
  cache.know(nodes, { state: 'followed' });
  const faults: unknown[] = [];
  cache.onChange(() => {
    const known = cache.inventory.nodes();
    faults.push(known.state === 'found' && known.value[0] !== undefined ? known.value[0].fault : 'no node');
  });
  return { cache, nodes, faults };
}

describe('what a host agent says of its node', () => {
  test('is known and followed, and told of only when it changes what rules see', async () => {
    const following = await follow({ objects: [node()] });
    const { server, live, changes } = following;
    await live.whenSynced();
    expect(faultIn(following)).toEqual([WITHOUT_OVS]);
    const before = changes.length;
    server.put(node({ agoMs: 1000 }));
    server.put(node({ failed: ['VHG510', 'VHG515'] }));
    await eventually(() => expect(faultIn(following)).toEqual([{ reason: 'RequireRunningOvs', rules: ['VHG510', 'VHG515'] }]));
    server.put(node({ status: 'True', reason: 'HostReady', failed: [] }));
    await eventually(() => expect(faultIn(following)).toEqual([undefined]));
    expect(changes.slice(before)).toEqual(['Node /worker', 'Node /worker']);
  });

  test('is not believed when it is too old, not even at the start', async () => {
    const following = await follow({ objects: [node({ agoMs: HOST_CONDITION_LIFETIME_MS + 1000 })] });
    await following.live.whenSynced();
    expect(faultIn(following)).toEqual([undefined]);
  });

  test('is believed until the agent is silent for too long, and again when it speaks', () => {
    const { cache, nodes, faults } = cacheOfNodes();
    cache.put(nodes, node());
    vi.advanceTimersByTime(HOST_CONDITION_LIFETIME_MS - 60_000);
    cache.put(nodes, node());
    vi.advanceTimersByTime(HOST_CONDITION_LIFETIME_MS - 1);
    expect(faults).toEqual([WITHOUT_OVS]);
    vi.advanceTimersByTime(1);
    cache.put(nodes, node());
    expect(faults).toEqual([WITHOUT_OVS, undefined, WITHOUT_OVS]);
  });

  test('is not believed the longer by a clock that is ahead, however often others write the node', () => {
    const { cache, nodes, faults } = cacheOfNodes();
    const ahead = node({ agoMs: -24 * 3_600_000 });
    for (let passedMs = 0; passedMs < 2 * HOST_CONDITION_LIFETIME_MS; passedMs += 60_000) {
      cache.put(nodes, ahead);
      vi.advanceTimersByTime(60_000);
    }
    expect(faults).toEqual([WITHOUT_OVS, undefined]);
    cache.put(nodes, node({ agoMs: -24 * 3_600_000 - 1000 }));
    expect(faults).toEqual([WITHOUT_OVS, undefined, WITHOUT_OVS]);
  });

  test('does not come back with a node that was deleted, nor after the end', () => {
    const { cache, nodes, faults } = cacheOfNodes();
    cache.put(nodes, node());
    cache.remove(nodes, '', 'worker');
    vi.advanceTimersByTime(2 * HOST_CONDITION_LIFETIME_MS);
    cache.put(nodes, node());
    cache.stop();
    vi.advanceTimersByTime(2 * HOST_CONDITION_LIFETIME_MS);
    expect(faults).toEqual([WITHOUT_OVS, 'no node', WITHOUT_OVS]);
  });

  test.for<[string, number, number]>([
    ['just now', 0, HOST_CONDITION_LIFETIME_MS],
    ['a minute ago', 60_000, HOST_CONDITION_LIFETIME_MS - 60_000],
    ['by a clock that is an hour ahead', -3_600_000, HOST_CONDITION_LIFETIME_MS],
    ['yesterday', 86_400_000, 0],
  ])('said %s is believed for %s', ([, agoMs, expected]) => {
    const nowMs = Date.now();
    expect(believedMs(node({ agoMs }), nowMs) / 10_000).toBeCloseTo(expected / 10_000, 0);
  });

  test('without a time is not believed', () => {
    const conditions = [{ type: 'VhostUserReady', status: 'False' }];
    expect(believedMs({ status: { conditions } }, 0)).toBe(0);
    expect(believedMs({ status: 'none' }, 0)).toBe(0);
  });

  test.for([
    [0, WITHOUT_OVS],
    [HOST_CONDITION_LIFETIME_MS + 1000, undefined],
  ] as const)('is read once as it is after %d ms', async ([agoMs, fault]) => {
    const { server } = await follow({ objects: [node({ agoMs })] });
    const { objects } = await readCluster({ kubeconfig: server.kubeconfig(), timeoutMs: 5000 });
    const [read = {}] = objects.filter(({ kind }) => kind === 'Node');
    expect(readNode(read).fault).toEqual(fault);
    expect(JSON.stringify(read)).not.toContain('"Ready"');
  });
});
