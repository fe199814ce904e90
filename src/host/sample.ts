import { dirname } from 'node:path';
import { AppError } from '../core/errors.ts';
import { type Conversation, KeptConversation } from './json-rpc.ts';
import type { Endpoint } from './ovs-facts.ts';
import { transact } from './ovsdb.ts';
import { rowsOf } from './ovsdb-rows.ts';
import { failedEndpoint } from './read-ovs.ts';
import { findSwitchFiles } from './run-directory.ts';
import { printedBy, printedOfDatapath } from './vswitchd-command.ts';
import { type PmdCycles, type PortCounters, parseFreeBuffers, parsePmdCycles, parsePortCounters } from './vswitchd-text.ts';

/** What changes from second to second on a host's switch. */
export interface HostSample {
  readonly time: Date;
  readonly database: Endpoint;
  readonly control: Endpoint;
  /** Absent unless OVSDB answers. While vswitchd does not, they are of the past. */
  readonly ports?: readonly SampledPort[];
  /** Absent unless vswitchd answers. */
  readonly counted?: Counted;
}

/** A row of table Interface, as far as it changes; what it leaves empty is absent. */
export interface SampledPort {
  readonly name: string;
  readonly type: string;
  /** The path that a vhost-user port connects to, or the device of a NIC. */
  readonly peer?: string;
  /** `status:status` of a vhost-user port: `connected` or `disconnected`. */
  readonly status?: string;
  /** `up` or `down`. */
  readonly linkState?: string;
  readonly mtu?: number;
}

/** What one run of vswitchd has counted. */
export interface Counted {
  /** When, in milliseconds of a clock that only goes forward. */
  readonly atMs: number;
  /** Two of the same number are of one run. */
  readonly run: number;
  /** By port; vhost-user without a VM has none. */
  readonly ports: ReadonlyMap<string, PortCounters>;
  readonly cycles: readonly PmdCycles[];
}

export interface SamplerOptions {
  /** OVSDB's socket as this process sees it. */
  readonly ovsdb: string;
  /** vswitchd's control socket; found beside OVSDB's, when absent. */
  readonly control?: string | undefined;
  /** For each of the two servers and each sample. */
  readonly timeoutMs: number;
}

const SELECT = { op: 'select', table: 'Interface', where: [], columns: ['name', 'type', 'options', 'status', 'link_state', 'mtu'] };

/** Takes samples of a host's switch over connections that stay open. It writes nothing there. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #database = new KeptConversation();
  readonly #control = new KeptConversation();
  #controlPath = '';

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** How it is now. A server that does not answer is part of the sample: this throws only for defects of its own. */
  async sample(time: Date): Promise<HostSample> {
    const [{ database, ports }, { control, counted }] = await Promise.all([this.#readPorts(), this.#count()]);
    return { time, database, control, ...(ports === undefined ? {} : { ports }), ...(counted === undefined ? {} : { counted }) };
  }

  /** The buffers that nobody holds, by the name of the pool; none that vswitchd does not tell. */
  async countFreeBuffers(): Promise<ReadonlyMap<string, number>> {
    if (!this.#control.isOpen) return new Map();
    try {
      const text = await this.#control.talk(this.#controlPath, this.#options.timeoutMs, (control) =>
        // Never with a port's name: OVS 3.1 reads through a null pointer when that port has no pool, and dies.
        printedBy(control, 'netdev-dpdk/get-mempool-info'),
      );
      return typeof text === 'string' ? parseFreeBuffers(text) : new Map();
    } catch (thrown) {
      if (thrown instanceof AppError) return new Map();
      throw thrown;
    }
  }

  /** Ends the connections, and with them a sample that is being taken. */
  close(): void {
    this.#database.close();
    this.#control.close();
  }

  async #readPorts(): Promise<Pick<HostSample, 'database' | 'ports'>> {
    const { ovsdb: path, timeoutMs } = this.#options;
    try {
      const ports = await this.#database.talk(path, timeoutMs, portsOf);
      return { database: { path, state: 'answers' }, ports };
    } catch (thrown) {
      return { database: failedEndpoint(path, thrown) };
    }
  }

  async #count(): Promise<Pick<HostSample, 'control' | 'counted'>> {
    const { ovsdb, control, timeoutMs } = this.#options;
    if (!this.#control.isOpen) {
      // Each vswitchd has a socket named after its process.
      const found = findSwitchFiles(dirname(ovsdb), control).control;
      if (typeof found !== 'string') return { control: { state: 'absent', reason: found.reason } };
      this.#controlPath = found;
    }
    const path = this.#controlPath;
    try {
      const counts = await this.#control.talk(path, timeoutMs, countsOf);
      return { control: { path, state: 'answers' }, counted: { ...counts, run: this.#control.connections } };
    } catch (thrown) {
      return { control: failedEndpoint(path, thrown) };
    }
  }
}

async function portsOf(database: Conversation): Promise<SampledPort[]> {
  const [answer] = await transact(database, [SELECT]);
  return rowsOf(answer).map((row) => {
    const status = row.textAt('status', 'status');
    const peer = row.textAt('options', 'vhost-server-path') ?? row.textAt('options', 'dpdk-devargs') ?? row.textAt('status', 'socket');
    const [linkState, mtu] = [row.text('link_state'), row.number('mtu')];
    return {
      name: row.text('name') ?? '',
      type: row.text('type') ?? '',
      ...(peer === undefined ? {} : { peer }),
      ...(status === undefined ? {} : { status }),
      ...(linkState === undefined ? {} : { linkState }),
      ...(mtu === undefined ? {} : { mtu }),
    };
  });
}

async function countsOf(control: Conversation): Promise<Omit<Counted, 'run'>> {
  const shown = await printedBy(control, 'dpctl/show', ['-s']);
  const atMs = performance.now();
  const cycles = await printedOfDatapath(control, 'dpif-netdev/pmd-stats-show');
  return {
    atMs,
    ports: typeof shown === 'string' ? parsePortCounters(shown) : new Map(),
    cycles: typeof cycles === 'string' ? parsePmdCycles(cycles) : [],
  };
}
