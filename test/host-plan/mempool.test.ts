import { describe, expect, test } from 'vitest';
import { MIB, poolMiB, tripleoMiB } from '../../src/host-plan/mempool.ts';
import { mbufBytes, portMbufs, sharedMbufs } from '../../src/kube/mempool.ts';

const GIGABYTE_PAGE = 1024 * MIB;

// What netdev-dpdk/get-mempool-info of OVS 3.1 with DPDK 22.11 said of a vhost port with that MTU.
describe('a shared pool, as a real OVS made it', () => {
  test.for([
    [68, 1984, 16_384],
    [600, 1984, 16_384],
    [998, 1984, 16_384],
    [999, 3008, 262_144],
    [1400, 3008, 262_144],
    [1500, 3008, 262_144],
    [1984, 3008, 262_144],
    [2022, 3008, 262_144],
    [2023, 4032, 262_144],
    [2048, 4032, 262_144],
    [3000, 4032, 262_144],
    [4000, 5056, 262_144],
    [6000, 7104, 262_144],
    [9000, 10_176, 262_144],
    [9216, 11_200, 262_144],
    [9702, 11_200, 262_144],
  ] as const)('MTU %i: mbufs of %i bytes, %i of them', ([mtu, bytes, mbufs]) => {
    expect([mbufBytes(mtu), sharedMbufs(mtu)]).toEqual([bytes, mbufs]);
  });

  test.for([
    [998, 31],
    [999, 752],
    [1500, 752],
    [1800, 752],
    [2022, 752],
    [2023, 1008],
    [4000, 1264],
    [6000, 1776],
    [9000, 2544],
    [9216, 2800],
  ] as const)('MTU %i: %i MiB', ([mtu, mib]) => {
    expect(poolMiB(sharedMbufs(mtu), mtu, GIGABYTE_PAGE)).toBe(mib);
  });

  test('takes more of 2 MiB pages, because no mbuf lies across two: 697 in each, so 377 pages', () => {
    expect(poolMiB(262_144, 1500, 2 * MIB)).toBe(754);
  });
});

describe('a pool of one port', () => {
  test.for([
    ['OVS manual, MTU 1500', 1, 2, 22_560],
    ['OVS manual, MTU 6000', 1, 3, 24_608],
    ['OVS manual, MTU 9000, whose own formula gives 26688 where it prints 26656', 2, 3, 26_688],
    ['vhost, real', 1, 1, 20_512],
    ['vhost with 2 queue pairs, real', 2, 2, 24_640],
    ['vhost with 4 queue pairs, real', 4, 4, 32_896],
  ] as const)('%s: %i receive and %i send queues make %i mbufs', ([, rxQueues, txQueues, mbufs]) => {
    expect(portMbufs({ rxQueues, txQueues })).toBe(mbufs);
  });
});

describe("TripleO's formula", () => {
  test.for([
    [[8192], 3072],
    [[1500, 2048], 2048],
    [[4096, 4096], 2048],
    [[1200], 2048],
    [[1500], 2048],
    [[2000], 2048],
    [[9000], 3072],
    [[9000, 2000], 4096],
    [[1500, 9000], 4096],
    [[], 1024],
  ] as const)('MTUs %j: %i MiB', ([mtus, mib]) => {
    expect(tripleoMiB(mtus)).toBe(mib);
  });
});
