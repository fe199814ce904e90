import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFreeBuffers, parseMempools, parsePmdCycles, parsePmdThreads, parsePortCounters } from '../../src/host/vswitchd-text.ts';

function captured(name: string): string {
  return readFileSync(`test/data/host/${name}.txt`, 'utf8');
}

test('PMD threads are read with their queues, of Open vSwitch 3.1', () => {
  const queue = (port: string, number: number) => ({ port, queue: number, isEnabled: true });
  expect(parsePmdThreads(captured('pmd-rxq-show'))).toEqual([
    { numaNode: 0, cpu: 2, isIsolated: true, queues: [queue('d0', 0)] },
    { numaNode: 1, cpu: 3, isIsolated: false, queues: [queue('v0', 0)] },
    { numaNode: 0, cpu: 26, isIsolated: true, queues: [queue('d0', 1)] },
    { numaNode: 1, cpu: 27, isIsolated: false, queues: [queue('d0', 2), queue('v1', 0)] },
  ]);
});

test('a queue has its share of the time when vswitchd has measured it, and may be disabled', () => {
  const text =
    'pmd thread numa_id 1 core_id 3:\n  isolated : false\n  port: v0  queue-id: 12 (disabled)  pmd usage:  7 %\n  overhead:  0 %\n';
  expect(parsePmdThreads(text)).toMatchObject([{ queues: [{ port: 'v0', queue: 12, isEnabled: false, usagePercent: 7 }] }]);
});

test('memory pools are read with their size and node', () => {
  expect(parseMempools(captured('get-mempool-info'))).toEqual([
    { name: expect.stringMatching(/^ovs/), numaNode: 0, size: 20512, objectBytes: 3008 },
  ]);
});

test('buffers that nobody holds are those of a pool and of its caches', () => {
  const whole = captured('get-mempool-info').replace('  common_pool_count', '    total_cache_count=1027\n  common_pool_count');
  expect([...parseFreeBuffers(whole).values()]).toEqual([20512]);
  const text = 'mempool <a>@0x1\n  size=9\n    total_cache_count=2\n  common_pool_count=5\nmempool <b>@0x2\n  common_pool_count=5\n';
  expect(parseFreeBuffers(text)).toEqual(new Map([['a', 7]]));
});

test('cycles are those of the threads that have polled, and not of the main thread', () => {
  expect(parsePmdCycles(captured('pmd-stats-show'))).toEqual([
    { numaNode: 0, cpu: 2, idle: 1530315103, busy: 15034462 },
    { numaNode: 0, cpu: 26, idle: 1430447147, busy: 0 },
  ]);
});

test('counters are those of the ports that have all of them', () => {
  expect(parsePortCounters(captured('dpctl-show'))).toEqual(new Map([['v0', { rxPackets: 6, txPackets: 0, rxDropped: 0, txDropped: 0 }]]));
});

test('no text is too odd to be read', () => {
  const words = fc.constantFrom(
    'pmd thread ',
    'numa_id 0 core_id 2:\n',
    'mempool <',
    '>',
    'size=',
    '  port 1: ',
    '7',
    '\n',
    ' ',
    'RX packets:',
  );
  fc.assert(
    fc.property(
      fc.array(words).map((each) => each.join('')),
      (text) => {
        for (const { numaNode, cpu } of parsePmdThreads(text)) expect(numaNode + cpu).not.toBeNaN();
        for (const { size, objectBytes, numaNode } of parseMempools(text)) expect(size + objectBytes + numaNode).not.toBeNaN();
        for (const { cpu, idle, busy } of parsePmdCycles(text)) expect(cpu + idle + busy).not.toBeNaN();
        for (const free of parseFreeBuffers(text).values()) expect(free).not.toBeNaN();
        for (const counters of parsePortCounters(text).values()) expect(Object.values(counters)).not.toContain(Number.NaN);
      },
    ),
  );
});
