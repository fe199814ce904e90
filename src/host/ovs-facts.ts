import type { Known } from './known.ts';

/**
 * How a unix socket answers.
 *
 * | state | means |
 * |---|---|
 * | answers | a server speaks the protocol |
 * | absent | nothing is at the path, or no path is known |
 * | dead | something is there, and nothing listens behind it (stale socket, plain file) |
 * | forbidden | the user who asked may not connect: nothing is known of the server |
 * | failed | a server listens, and does not do its part: silent, closes, garbage, too much, an unknown schema |
 */
export interface Endpoint {
  /** Absent when none was found. */
  readonly path?: string;
  readonly state: 'answers' | 'absent' | 'dead' | 'forbidden' | 'failed';
  /** Absent when it answers. */
  readonly reason?: string;
}

export interface OvsFacts {
  /** The OVSDB server. Unless it answers, `configuration` and `bridges` are unknown. */
  readonly database: Endpoint;
  /** The control socket of ovs-vswitchd. Unless it answers, `pmdThreads` and `mempools` are unknown, and there is no `traffic`. */
  readonly control: Endpoint;
  readonly process: Known<OvsProcess>;
  readonly handshake: Known<Handshake>;
  readonly configuration: Known<OvsConfiguration>;
  readonly bridges: Known<readonly Bridge[]>;
  readonly interfaces: Known<readonly OvsInterface[]>;
  readonly pmdThreads: Known<readonly PmdThread[]>;
  readonly mempools: Known<readonly Mempool[]>;
}

/** Who ovs-vswitchd is, for what it may connect to. */
export interface OvsProcess {
  readonly pid: number;
  /** Effective ids. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** True with CAP_DAC_OVERRIDE: modes do not hold it back. */
  readonly overridesModes: boolean;
  /** SELinux context; absent where there is none. */
  readonly context?: string;
}

/**
 * The database asked vswitchd to reconfigure itself (`next_cfg`), and vswitchd answered by setting `cur_cfg`, or did not in time.
 * `dpdk_initialized`, `status` and the like stay in the database after vswitchd has died: they are true only when it is done.
 */
export interface Handshake {
  readonly nextCfg: number;
  readonly curCfg: number;
  readonly isDone: boolean;
  /** How long it took, or was waited for. */
  readonly waitedMs: number;
}

/** The one row of table Open_vSwitch. */
export interface OvsConfiguration {
  readonly ovsVersion?: string;
  /** Such as `DPDK 22.11.11`; `none` of a build without DPDK. */
  readonly dpdkVersion?: string;
  readonly isDpdkInitialized: boolean;
  /** Interface types that vswitchd offers; dpdkvhostuserclient is missing until DPDK is initialised. */
  readonly interfaceTypes: readonly string[];
  readonly otherConfig: Readonly<Record<string, string>>;
}

export interface Bridge {
  readonly name: string;
  /** Empty is `system`. */
  readonly datapathType: string;
  readonly ports: readonly string[];
}

/** A row of table Interface. What the row leaves empty is absent. */
export interface OvsInterface {
  readonly name: string;
  readonly bridge?: string;
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  readonly otherConfig: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<string, string>>;
  readonly error?: string;
  /** -1 when vswitchd could not open it. */
  readonly ofport?: number;
  readonly mtu?: number;
  readonly mtuRequest?: number;
  readonly adminState?: string;
  readonly linkState?: string;
  /** As vswitchd last wrote them, every five seconds unless told otherwise. */
  readonly statistics: Readonly<Record<string, number>>;
  /** Absent for a port that is not on the datapath, or has no counters yet: vhost-user without a VM. */
  readonly traffic?: Traffic;
}

/**
 * A pool of packet buffers, as DPDK lists it. Ports of one MTU class and NUMA node share one, unless `per-port-memory` is set. Which ports
 * is not asked: OVS 3.1 crashes when it is asked for the pool of a port that has none.
 */
export interface Mempool {
  readonly name: string;
  readonly numaNode: number;
  /** Buffers. */
  readonly size: number;
  readonly objectBytes: number;
}

/** Packets that vswitchd itself counted, twice: unlike `statistics`, these are of the moment. */
export interface Traffic {
  readonly intervalMs: number;
  readonly rxPackets: readonly [number, number];
  readonly txPackets: readonly [number, number];
  readonly rxDropped: readonly [number, number];
  readonly txDropped: readonly [number, number];
}

export interface PmdThread {
  readonly numaNode: number;
  readonly cpu: number;
  readonly isIsolated: boolean;
  readonly queues: readonly PmdQueue[];
}

export interface PmdQueue {
  readonly port: string;
  readonly queue: number;
  readonly isEnabled: boolean;
  /** Share of the last minute; absent while vswitchd has no figure. */
  readonly usagePercent?: number;
}
