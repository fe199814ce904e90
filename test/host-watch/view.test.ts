import { describe, expect, test } from 'vitest';
import type { Counted, HostSample } from '../../src/host/sample.ts';
import type { HostFacts } from '../../src/host-watch/facts.ts';
import { formatRecord } from '../../src/host-watch/record.ts';
import { selectPorts } from '../../src/host-watch/selection.ts';
import { type HostView, watchOn } from '../../src/host-watch/view.ts';
import { findingOf, hostView, portView } from '../support/host-view.ts';

const FACTS: HostFacts = {
  host: 'worker-0',
  findings: [findingOf(undefined), findingOf('v1', 'warning'), findingOf('v2')],
  machines: new Map([['/run/v0.sock', 'default/vm0']]),
  pmdThreads: [
    { numaNode: 0, cpu: 2, isIsolated: false, queues: [queueOf('v0', 0), queueOf('v0', 1), queueOf('d0', 0)] },
    { numaNode: 0, cpu: 26, isIsolated: false, queues: [queueOf('v0', 2)] },
  ],
  mempools: [],
};

function queueOf(port: string, queue: number) {
  return { port, queue, isEnabled: true };
}

function vhostPort(name: string, status: string | undefined = 'connected') {
  return { name, type: 'dpdkvhostuserclient', peer: `/run/${name}.sock`, status, mtu: 1500 };
}

function sampleOf(part: Partial<HostSample> = {}): HostSample {
  return { time: new Date('2026-11-22T12:00:00Z'), database: { state: 'answers' }, control: { state: 'answers' }, ports: [], ...part };
}

function countedAt(atMs: number, rxPackets: number, run = 1): Counted {
  return { atMs, run, ports: new Map([['v0', { rxPackets, txPackets: 0, rxDropped: 0, txDropped: 0 }]]), cycles: [] };
}

function statesOf({ ports }: HostView): string[] {
  return ports.map(({ name, state }) => `${name} ${state}`);
}

describe('a view', () => {
  test('joins what is known of a port, the worst first, and leaves out what no thread polls', () => {
    const ports = [
      vhostPort('v0'),
      { name: 'd0', type: 'dummy-pmd', linkState: 'up' },
      vhostPort('v1', 'disconnected'),
      vhostPort('v2', 'disconnected'),
      { name: 'br-dpdk0', type: 'internal' },
      { name: 'nic', type: 'dpdk', peer: '0000:18:00.0', linkState: 'down' },
    ];
    const { view } = watchOn(undefined, sampleOf({ ports }), FACTS);
    expect(statesOf(view)).toEqual(['v2 disconnected', 'v1 disconnected', 'd0 up', 'nic down', 'v0 connected']);
    expect(view.ports.find(({ name }) => name === 'v0')).toMatchObject({
      machine: 'default/vm0',
      peer: '/run/v0.sock',
      pmdCpus: [2, 26],
      mtu: 1500,
    });
    expect(view.ports.find(({ name }) => name === 'nic')).toMatchObject({ peer: '0000:18:00.0', pmdCpus: [] });
    expect(view.pmdThreads).toEqual([
      { numaNode: 0, cpu: 2, queues: 3 },
      { numaNode: 0, cpu: 26, queues: 1 },
    ]);
    expect(view.findings).toEqual([findingOf(undefined)]);
  });

  test('has rates from the second sample on, and after a restart from the second one of the new run on', () => {
    const ports = [vhostPort('v0')];
    const samples = [countedAt(0, 10), countedAt(2000, 30), countedAt(3000, 1, 2), countedAt(4000, 6, 2)];
    let watched = watchOn(undefined, sampleOf({ ports }), FACTS);
    const rates = samples.map((counted) => {
      watched = watchOn(watched, sampleOf({ ports, counted }), FACTS);
      return watched.view.ports[0]?.rates?.rxPackets;
    });
    expect(rates).toEqual([undefined, 10, undefined, 5]);
  });

  test('keeps the ports of a switch that does not answer, and says since when', () => {
    const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 12, 0, second));
    const dead = { path: '/run/db.sock', state: 'dead', reason: 'nothing listens there' } as const;
    const before = watchOn(undefined, sampleOf({ ports: [vhostPort('v0')], counted: countedAt(0, 1) }), FACTS);
    const { ports: _ports, ...silent } = sampleOf({ time: at(1), database: dead, control: dead });
    const down = watchOn(before, silent, FACTS);
    const still = watchOn(down, { ...silent, time: at(9) }, FACTS);
    expect(statesOf(still.view)).toEqual(['v0 unknown']);
    expect(still.view.outage).toEqual({ since: at(1), server: 'ovsdb-server', reason: '/run/db.sock: nothing listens there' });
    const back = watchOn(still, sampleOf({ time: at(10), ports: [vhostPort('v0')] }), FACTS);
    expect(back.view.outage).toBeUndefined();
    expect(statesOf(back.view)).toEqual(['v0 connected']);
  });

  test('does not believe what the database says of the ports of a vswitchd that is dead', () => {
    const control = { path: '/run/vs.ctl', state: 'dead', reason: 'nothing listens there' } as const;
    const { view } = watchOn(undefined, sampleOf({ control, ports: [vhostPort('v0')] }), FACTS);
    expect(statesOf(view)).toEqual(['v0 unknown']);
    expect(view.outage?.server).toBe('ovs-vswitchd');
  });
});

test.for<[string | undefined, boolean, string[]]>([
  [undefined, false, ['v1', 'v10', 'x.1']],
  ['v*', false, ['v1', 'v10']],
  ['v?', false, ['v1']],
  ['x.1', false, ['x.1']],
  ['x?1', false, ['x.1']],
  ['*', true, ['v10']],
  ['v', false, []],
  ['[v]*', false, []],
])('ports %s, only those with problems: %s', ([names, onlyProblems, expected]) => {
  const view = hostView([portView('v1'), portView('v10', { findings: [findingOf('v10')] }), portView('x.1')]);
  expect(selectPorts(view, { names, onlyProblems }).ports.map(({ name }) => name)).toEqual(expected);
});

test('a record is one line of JSON, without what is not known', () => {
  const outage = { since: new Date('2026-11-22T12:00:01Z'), server: 'ovsdb-server', reason: 'two\nlines' } as const;
  const { machine: _machine, rates: _rates, ...unknown } = portView('v1', { state: 'unknown' });
  const text = formatRecord(
    hostView([portView('v0', { rates: { rxPackets: 1 / 3, txPackets: 2, rxDropped: 0, txDropped: 0 } }), unknown], { outage }),
  );
  expect(text.match(/\n/g)).toHaveLength(1);
  const record = JSON.parse(text);
  expect(record).toMatchObject({
    version: 1,
    time: '2026-11-22T12:00:05.000Z',
    outage: { since: '2026-11-22T12:00:01.000Z', reason: 'two\nlines' },
  });
  expect(record.ports[0]).toMatchObject({ vm: 'default/v0', packetsPerSecond: { rxPackets: 0.3, txPackets: 2 } });
  expect(Object.keys(record.ports[1])).not.toContain('packetsPerSecond');
  expect(record.pmdThreads[0]).toEqual({ numaNode: 0, cpu: 2, queues: 2, busyPercent: 33.6 });
});
