import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Counted } from '../../src/host/sample.ts';
import { loadBetween, ratesBetween } from '../../src/host-watch/rates.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const counters = fc.record({ rxPackets: count, txPackets: count, rxDropped: count, txDropped: count });
const counted = fc.record({
  atMs: fc.double({ min: 0, max: 1e12, noNaN: true }),
  run: fc.nat({ max: 1 }),
  ports: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), counters), { selector: ([port]) => port }).map((ports) => new Map(ports)),
  cycles: fc.uniqueArray(fc.record({ numaNode: fc.nat(1), cpu: fc.nat(3), idle: count, busy: count }), { selector: ({ cpu }) => cpu }),
});

const NOTHING = { rxPackets: 0, txPackets: 0, rxDropped: 0, txDropped: 0 };

function sampleAt(atMs: number, part: Partial<Counted> = {}): Counted {
  return { atMs, run: 1, ports: new Map(), cycles: [], ...part };
}

describe('rates of ports', () => {
  test('are never negative and always numbers, whatever two samples say', () => {
    fc.assert(
      fc.property(counted, counted, (before, after) => {
        for (const rates of ratesBetween(before, after).values())
          for (const rate of Object.values(rates)) expect(rate >= 0 && Number.isFinite(rate)).toBe(true);
      }),
    );
  });

  test('are exact for counters that grew', () => {
    const grown = fc.record({ from: counters, by: fc.record({ rx: fc.nat(), tx: fc.nat(), rxd: fc.nat(), txd: fc.nat() }) });
    fc.assert(
      fc.property(grown, fc.integer({ min: 1, max: 100 }), ({ from, by }, seconds) => {
        const bounded = { ...from, rxPackets: from.rxPackets % 1e9, txPackets: from.txPackets % 1e9, rxDropped: 7, txDropped: 9 };
        const to = {
          rxPackets: bounded.rxPackets + by.rx,
          txPackets: bounded.txPackets + by.tx,
          rxDropped: 7 + by.rxd,
          txDropped: 9 + by.txd,
        };
        const rates = ratesBetween(
          sampleAt(0, { ports: new Map([['v0', bounded]]) }),
          sampleAt(seconds * 1000, { ports: new Map([['v0', to]]) }),
        );
        expect(rates.get('v0')).toEqual({
          rxPackets: by.rx / seconds,
          txPackets: by.tx / seconds,
          rxDropped: by.rxd / seconds,
          txDropped: by.txd / seconds,
        });
      }),
    );
  });

  test.for(['rxPackets', 'txPackets', 'rxDropped', 'txDropped'] as const)(
    'are not told when %s went backwards: the port is a new one',
    (counter) => {
      const before = sampleAt(0, { ports: new Map([['v0', { ...NOTHING, [counter]: 5 }]]) });
      const after = sampleAt(1000, { ports: new Map([['v0', { rxPackets: 9, txPackets: 9, rxDropped: 9, txDropped: 9, [counter]: 4 }]]) });
      expect(ratesBetween(before, after)).toEqual(new Map());
    },
  );

  test('are not told of a port that has just appeared, nor between two runs of vswitchd', () => {
    const ports = new Map([['v0', NOTHING]]);
    expect(ratesBetween(sampleAt(0), sampleAt(1000, { ports }))).toEqual(new Map());
    expect(ratesBetween(sampleAt(0, { ports, run: 1 }), sampleAt(1000, { ports, run: 2 }))).toEqual(new Map());
    expect(ratesBetween(sampleAt(0, { ports }), sampleAt(1000, { ports })).get('v0')).toEqual(NOTHING);
  });
});

describe('the load of PMD threads', () => {
  test('is between 0 and 100 percent, whatever two samples say', () => {
    fc.assert(
      fc.property(counted, counted, (before, after) => {
        for (const load of loadBetween(before, after).values()) expect(load >= 0 && load <= 100).toBe(true);
      }),
    );
  });

  test('is what was busy of what was polled', () => {
    const thread = (cpu: number, busy: number, idle: number) => ({ numaNode: 0, cpu, busy, idle });
    const before = sampleAt(0, { cycles: [thread(2, 100, 900), thread(3, 50, 50), thread(4, 10, 10), thread(5, 10, 10)] });
    const after = sampleAt(1000, { cycles: [thread(2, 400, 1000), thread(3, 50, 50), thread(4, 0, 20), thread(6, 1, 1)] });
    expect(loadBetween(before, after)).toEqual(new Map([[2, 75]]));
    expect(loadBetween({ ...before, run: 0 }, after)).toEqual(new Map());
  });
});
