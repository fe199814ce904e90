import type { RuleId, Severity } from '../engine/finding.ts';
import type { PmdThread } from '../host/ovs-facts.ts';

/** What a sample leaves out, as it changes slowly or costs too much: looked up every minute or so. */
export interface HostFacts {
  /** The host's name. */
  readonly host: string;
  readonly ovsVersion?: string;
  readonly dpdkVersion?: string;
  /** What the rules found, in their order; nothing that depends on what is not known. */
  readonly findings: readonly WatchedFinding[];
  /** VMs by the socket that they listen on: `namespace/name` of KubeVirt's. */
  readonly machines: ReadonlyMap<string, string>;
  readonly pmdThreads: readonly PmdThread[];
  readonly mempools: readonly WatchedPool[];
}

/** A finding about a host, and the port that it is about. */
export interface WatchedFinding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly message: string;
  /** Absent for one that is about the host. */
  readonly port?: string;
}

/** A pool of packet buffers. OVS does not say which ports use it. */
export interface WatchedPool {
  readonly name: string;
  readonly numaNode: number;
  readonly objectBytes: number;
  /** Buffers. */
  readonly size: number;
  /** Buffers that nobody holds; absent where vswitchd does not say. */
  readonly free?: number;
}
