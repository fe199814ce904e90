import type { Mempool, PmdQueue, PmdThread } from './ovs-facts.ts';

/** The threads in `dpif-netdev/pmd-rxq-show`. */
export function parsePmdThreads(text: string): PmdThread[] {
  const [, ...sections] = text.split(/^pmd thread /m);
  return sections.flatMap((section) => {
    const [, numaNode, cpu] = /^numa_id (\d+) core_id (\d+):/.exec(section) ?? [];
    if (numaNode === undefined || cpu === undefined) return [];
    return [
      { numaNode: Number(numaNode), cpu: Number(cpu), isIsolated: /^\s*isolated : true/m.test(section), queues: parseQueues(section) },
    ];
  });
}

const QUEUE = /^\s*port: (\S+)\s+queue-id:\s*(\d+) \((enabled|disabled)\)\s+pmd usage:\s*(?:(\d+) %|NOT AVAIL)/gm;

function parseQueues(section: string): PmdQueue[] {
  return [...section.matchAll(QUEUE)].map(([, port = '', queue, state, usage]) => ({
    port,
    queue: Number(queue),
    isEnabled: state === 'enabled',
    ...(usage === undefined ? {} : { usagePercent: Number(usage) }),
  }));
}

/** The pools in `netdev-dpdk/get-mempool-info`, which is DPDK's own list. */
export function parseMempools(text: string): Mempool[] {
  const [, ...sections] = text.split(/^mempool </m);
  return sections.map((section) => {
    const read = (key: string): number => Number(new RegExp(`^\\s*${key}=(-?\\d+)$`, 'm').exec(section)?.[1] ?? 0);
    return {
      name: section.slice(0, section.indexOf('>')),
      numaNode: read('socket_id'),
      size: read('size'),
      objectBytes: read('total_obj_size'),
    };
  });
}

/** Packets that a port has counted since it was made. */
export interface PortCounters {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}

const COUNTED = /RX packets:(\d+) errors:\S+ dropped:(\d+)[\s\S]*?TX packets:(\d+) errors:\S+ dropped:(\d+)/;

/** The counters in `dpctl/show -s`, of the ports that have all of them; vhost-user without a VM has none. */
export function parsePortCounters(text: string): Map<string, PortCounters> {
  const counters = new Map<string, PortCounters>();
  // A port without counters ends in an error message, and without a line end.
  for (const section of text.split(/\bport \d+: /).slice(1)) {
    const [, rxPackets, rxDropped, txPackets, txDropped] = COUNTED.exec(section)?.map(Number) ?? [];
    if (rxPackets === undefined || rxDropped === undefined || txPackets === undefined || txDropped === undefined) continue;
    counters.set(section.slice(0, section.search(/\s/)), { rxPackets, txPackets, rxDropped, txDropped });
  }
  return counters;
}

/** What a PMD thread has spent its time on since it was made, or since somebody cleared that. */
export interface PmdCycles {
  readonly numaNode: number;
  readonly cpu: number;
  /** Polling in vain; without the time that it slept. */
  readonly idle: number;
  /** Handling packets. */
  readonly busy: number;
}

/** The threads in `dpif-netdev/pmd-stats-show` that have polled at all; one without queues has not. */
export function parsePmdCycles(text: string): PmdCycles[] {
  const [, ...sections] = text.split(/^pmd thread /m);
  return sections.flatMap((section) => {
    const [, numaNode, cpu] = /^numa_id (\d+) core_id (\d+):/.exec(section) ?? [];
    const idle = /^\s*idle cycles: (\d+)/m.exec(section)?.[1];
    const busy = /^\s*processing cycles: (\d+)/m.exec(section)?.[1];
    if (numaNode === undefined || cpu === undefined || idle === undefined || busy === undefined) return [];
    return [{ numaNode: Number(numaNode), cpu: Number(cpu), idle: Number(idle), busy: Number(busy) }];
  });
}

/** The buffers that nobody holds, by the name of the pool, in `netdev-dpdk/get-mempool-info`: those of the pool and of all caches of it. */
export function parseFreeBuffers(text: string): Map<string, number> {
  const [, ...sections] = text.split(/^mempool </m);
  const pools = sections.flatMap((section): [string, number][] => {
    const [, cached] = /^\s*total_cache_count=(\d+)$/m.exec(section) ?? [];
    const [, common] = /^\s*common_pool_count=(\d+)$/m.exec(section) ?? [];
    return cached === undefined || common === undefined ? [] : [[section.slice(0, section.indexOf('>')), Number(cached) + Number(common)]];
  });
  return new Map(pools);
}
