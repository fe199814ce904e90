import { setTimeout as sleep } from 'node:timers/promises';
import { type Conversation, converse } from './json-rpc.ts';
import type { Known } from './known.ts';
import type { Endpoint, Mempool, OvsFacts, PmdThread, Traffic } from './ovs-facts.ts';
import { failedEndpoint } from './read-ovs.ts';
import { printedBy, printedOfDatapath } from './vswitchd-command.ts';
import { type PortCounters, parseMempools, parsePmdThreads, parsePortCounters } from './vswitchd-text.ts';

interface FromControl extends Pick<OvsFacts, 'control' | 'pmdThreads' | 'mempools'> {
  /** By interface. */
  readonly traffic: ReadonlyMap<string, Traffic>;
}

/** Time between the two counts: an ARP request, or one of DHCP, comes within a second more often than not. */
const INTERVAL_MS = 1000;

/** What vswitchd says of itself. It changes nothing there. */
export async function readControl(
  path: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<FromControl> {
  try {
    const parts = await converse(path, { timeoutMs, signal }, async (control) => {
      await control.call('version', []);
      return {
        pmdThreads: await pmdThreadsOf(control),
        mempools: await mempoolsOf(control),
        traffic: await trafficOf(control, Math.min(INTERVAL_MS, timeoutMs / 4)),
      };
    });
    return { control: { path, state: 'answers' }, ...parts };
  } catch (thrown) {
    return withoutControl(failedEndpoint(path, thrown));
  }
}

/** The same when there is nothing to ask. */
export function withoutControl(control: Endpoint): FromControl {
  const unknown = { unknown: `vswitchd's control socket: ${control.reason}` };
  return { control, pmdThreads: unknown, mempools: unknown, traffic: new Map() };
}

async function pmdThreadsOf(control: Conversation): Promise<Known<PmdThread[]>> {
  const text = await printedOfDatapath(control, 'dpif-netdev/pmd-rxq-show');
  return typeof text === 'string' ? parsePmdThreads(text) : text;
}

async function mempoolsOf(control: Conversation): Promise<Known<Mempool[]>> {
  // Never with a port's name: OVS 3.1 reads through a null pointer when that port has no pool, and dies.
  const text = await printedBy(control, 'netdev-dpdk/get-mempool-info');
  return typeof text === 'string' ? parseMempools(text) : text;
}

async function trafficOf(control: Conversation, waitMs: number): Promise<Map<string, Traffic>> {
  const start = performance.now();
  const first = await countersOf(control);
  // The connection keeps the process alive; without one there is nothing to wait for.
  await sleep(waitMs, undefined, { ref: false });
  const second = await countersOf(control);
  const intervalMs = Math.round(performance.now() - start);
  const traffic = [...second].flatMap(([port, after]): [string, Traffic][] => {
    const before = first.get(port);
    return before === undefined ? [] : [[port, betweenOf(before, after, intervalMs)]];
  });
  return new Map(traffic);
}

function betweenOf(before: PortCounters, after: PortCounters, intervalMs: number): Traffic {
  return {
    intervalMs,
    rxPackets: [before.rxPackets, after.rxPackets],
    txPackets: [before.txPackets, after.txPackets],
    rxDropped: [before.rxDropped, after.rxDropped],
    txDropped: [before.txDropped, after.txDropped],
  };
}

async function countersOf(control: Conversation): Promise<Map<string, PortCounters>> {
  const text = await printedBy(control, 'dpctl/show', ['-s']);
  return typeof text === 'string' ? parsePortCounters(text) : new Map();
}
