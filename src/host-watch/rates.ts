import type { Counted } from '../host/sample.ts';
import type { PmdCycles, PortCounters } from '../host/vswitchd-text.ts';

/** Packets of a port per second, since the sample before. */
export interface PortRates {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}

/**
 * The rates of each port that both samples counted. None for a port whose counters went backwards, as it was made anew, and none at all
 * between two runs of vswitchd, or when no time has passed.
 */
export function ratesBetween(before: Counted, after: Counted): Map<string, PortRates> {
  const seconds = (after.atMs - before.atMs) / 1000;
  if (before.run !== after.run || seconds <= 0) return new Map();
  const rates = [...after.ports].flatMap(([port, counters]): [string, PortRates][] => {
    const earlier = before.ports.get(port);
    return earlier === undefined || isBefore(counters, earlier) ? [] : [[port, rateOf(earlier, counters, seconds)]];
  });
  return new Map(rates);
}

function isBefore(counters: PortCounters, earlier: PortCounters): boolean {
  const { rxPackets, txPackets, rxDropped, txDropped } = counters;
  return rxPackets < earlier.rxPackets || txPackets < earlier.txPackets || rxDropped < earlier.rxDropped || txDropped < earlier.txDropped;
}

function rateOf(before: PortCounters, after: PortCounters, seconds: number): PortRates {
  return {
    rxPackets: (after.rxPackets - before.rxPackets) / seconds,
    txPackets: (after.txPackets - before.txPackets) / seconds,
    rxDropped: (after.rxDropped - before.rxDropped) / seconds,
    txDropped: (after.txDropped - before.txDropped) / seconds,
  };
}

/**
 * What share of its polling each PMD thread spent with packets, in percent, by CPU. None for a thread that did not poll, as it has no queue
 * or slept, and for one whose cycles somebody has cleared.
 */
export function loadBetween(before: Counted, after: Counted): Map<number, number> {
  if (before.run !== after.run) return new Map();
  const earlier = new Map(before.cycles.map((cycles) => [cycles.cpu, cycles]));
  return new Map(
    after.cycles.flatMap((cycles) => {
      const load = loadOf(earlier.get(cycles.cpu), cycles);
      return load === undefined ? [] : [[cycles.cpu, load]];
    }),
  );
}

function loadOf(before: PmdCycles | undefined, after: PmdCycles): number | undefined {
  if (before === undefined) return undefined;
  const [busy, idle] = [after.busy - before.busy, after.idle - before.idle];
  return busy < 0 || idle < 0 || busy + idle === 0 ? undefined : (100 * busy) / (busy + idle);
}
