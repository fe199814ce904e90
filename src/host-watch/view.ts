import { compareText } from '../core/compare-text.ts';
import type { Severity } from '../engine/finding.ts';
import type { Endpoint, PmdThread } from '../host/ovs-facts.ts';
import type { Counted, HostSample, SampledPort } from '../host/sample.ts';
import type { HostFacts, WatchedFinding, WatchedPool } from './facts.ts';
import { loadBetween, type PortRates, ratesBetween } from './rates.ts';

/** A host's switch at one moment, as it is shown. */
export interface HostView {
  readonly time: Date;
  readonly host: string;
  readonly ovsVersion?: string;
  readonly dpdkVersion?: string;
  /** Absent while OVSDB and vswitchd both answer. */
  readonly outage?: Outage;
  /** Those with the worst findings first, then by name. In an outage the ones that were there before. */
  readonly ports: readonly PortView[];
  readonly pmdThreads: readonly PmdView[];
  readonly mempools: readonly WatchedPool[];
  /** What is wrong with the host, and not with one port. */
  readonly findings: readonly WatchedFinding[];
}

export interface Outage {
  /** The first sample without an answer. */
  readonly since: Date;
  readonly server: 'ovsdb-server' | 'ovs-vswitchd';
  readonly reason: string;
}

/** A port that PMD threads poll. */
export interface PortView {
  readonly name: string;
  readonly type: string;
  /** Absent where nobody is known to listen on its socket. */
  readonly machine?: string;
  /** The socket of a vhost-user port, or the device of a NIC. */
  readonly peer?: string;
  /** Of vhost-user: `connected` once a guest has started its NIC. Of a NIC: its link. `unknown` while vswitchd does not answer. */
  readonly state: 'connected' | 'disconnected' | 'up' | 'down' | 'unknown';
  readonly mtu?: number;
  /** Absent in the first sample, and where no packets can be counted. */
  readonly rates?: PortRates;
  /** Of the threads that poll it. */
  readonly pmdCpus: readonly number[];
  readonly findings: readonly WatchedFinding[];
}

export interface PmdView {
  readonly numaNode: number;
  readonly cpu: number;
  readonly queues: number;
  /** Of the time that it polled since the sample before; absent when it did not. */
  readonly busyPercent?: number;
}

/** A view, and what the next one needs of its sample. */
export interface Watched {
  readonly view: HostView;
  readonly counted?: Counted;
}

/** What is to be shown after one more sample. */
export function watchOn(before: Watched | undefined, sample: HostSample, facts: HostFacts): Watched {
  const { counted, time } = sample;
  const outage = outageOf(sample, before?.view.outage);
  const isCompared = before?.counted !== undefined && counted !== undefined;
  const rates = isCompared ? ratesBetween(before.counted, counted) : new Map<string, PortRates>();
  const load = isCompared ? loadBetween(before.counted, counted) : new Map<number, number>();
  const seen = { facts, rates, isAlive: outage === undefined };
  const view = {
    time,
    host: facts.host,
    ...(facts.ovsVersion === undefined ? {} : { ovsVersion: facts.ovsVersion }),
    ...(facts.dpdkVersion === undefined ? {} : { dpdkVersion: facts.dpdkVersion }),
    ...(outage === undefined ? {} : { outage }),
    ports: sample.ports === undefined ? (before?.view.ports ?? []).map(forget) : portsOf(sample.ports, seen),
    pmdThreads: facts.pmdThreads.map((thread) => pmdOf(thread, load)),
    mempools: facts.mempools,
    findings: facts.findings.filter(({ port }) => port === undefined),
  };
  return counted === undefined ? { view } : { view, counted };
}

function outageOf({ time, database, control }: HostSample, before: Outage | undefined): Outage | undefined {
  const silent = database.state === 'answers' ? control : database;
  if (silent.state === 'answers') return undefined;
  const server = silent === database ? 'ovsdb-server' : 'ovs-vswitchd';
  return { since: before?.since ?? time, server, reason: describe(silent) };
}

function describe({ path, reason = 'it does not answer' }: Endpoint): string {
  return path === undefined ? reason : `${path}: ${reason}`;
}

/** What is left of a port while nobody tells how it is. */
function forget({ rates: _rates, ...port }: PortView): PortView {
  return { ...port, state: 'unknown' };
}

interface Seen {
  readonly facts: HostFacts;
  readonly rates: ReadonlyMap<string, PortRates>;
  readonly isAlive: boolean;
}

function portsOf(ports: readonly SampledPort[], seen: Seen): PortView[] {
  const pmdCpus = cpusByPort(seen.facts.pmdThreads);
  const findings = findingsByPort(seen.facts.findings);
  return ports
    .filter(({ name, type }) => type.startsWith('dpdk') || pmdCpus.has(name))
    .map((port) => portOf(port, seen, { pmdCpus: pmdCpus.get(port.name) ?? [], findings: findings.get(port.name) ?? [] }))
    .map((port) => ({ port, worst: worstOf(port) }))
    .sort((a, b) => a.worst - b.worst || compareText(a.port.name, b.port.name))
    .map(({ port }) => port);
}

function cpusByPort(threads: readonly PmdThread[]): Map<string, number[]> {
  const cpus = new Map<string, number[]>();
  for (const { cpu, queues } of threads)
    for (const { port } of queues) {
      const own = cpus.get(port);
      if (own === undefined) cpus.set(port, [cpu]);
      else if (own.at(-1) !== cpu) own.push(cpu);
    }
  return cpus;
}

function findingsByPort(findings: readonly WatchedFinding[]): Map<string, WatchedFinding[]> {
  const byPort = new Map<string, WatchedFinding[]>();
  for (const finding of findings) if (finding.port !== undefined) byPort.set(finding.port, [...(byPort.get(finding.port) ?? []), finding]);
  return byPort;
}

function portOf(port: SampledPort, { facts, rates, isAlive }: Seen, known: Pick<PortView, 'pmdCpus' | 'findings'>): PortView {
  const { name, type, peer, mtu } = port;
  const machine = peer === undefined ? undefined : facts.machines.get(peer);
  const rate = rates.get(name);
  return {
    name,
    type,
    ...(machine === undefined ? {} : { machine }),
    ...(peer === undefined ? {} : { peer }),
    state: isAlive ? stateOf(port) : 'unknown',
    ...(mtu === undefined ? {} : { mtu }),
    ...(rate === undefined ? {} : { rates: rate }),
    ...known,
  };
}

function stateOf({ status, linkState }: SampledPort): PortView['state'] {
  const said = status ?? linkState;
  return said === 'connected' || said === 'disconnected' || said === 'up' || said === 'down' ? said : 'unknown';
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function worstOf({ findings }: PortView): number {
  return Math.min(3, ...findings.map(({ severity }) => RANK[severity]));
}

function pmdOf({ numaNode, cpu, queues }: PmdThread, load: ReadonlyMap<number, number>): PmdView {
  const busyPercent = load.get(cpu);
  return { numaNode, cpu, queues: queues.length, ...(busyPercent === undefined ? {} : { busyPercent }) };
}
