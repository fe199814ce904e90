import { pciAddressIn } from '../core/pci-address.ts';
import { subjectOf } from '../core/subject.ts';
import type { Engine } from '../engine/engine.ts';
import type { Finding } from '../engine/finding.ts';
import { type GatherOptions, gatherHost } from '../host/gather.ts';
import type { HostSnapshot } from '../host/host-snapshot.ts';
import { isKnown } from '../host/known.ts';
import type { Machines } from '../host/machines.ts';
import type { HostSample, Sampler } from '../host/sample.ts';
import type { HostFacts, WatchedFinding } from '../host-watch/facts.ts';
import { levelOf } from '../report/level.ts';

/** What the facts of a host are read with. */
export interface FactSources {
  readonly gathering: Omit<GatherOptions, 'now'>;
  readonly engine: Engine;
  readonly sampler: Sampler;
  readonly machines: Machines;
}

/** Reading the facts of 200 ports takes as long as twenty samples of them. */
const OLD_MS = 60_000;

/** Where ports or threads have changed, what is known of them is old; where they keep changing, it is not read more often than this. */
const YOUNG_MS = 5000;

/** The facts of a host as they were read last. */
export class KeptFacts {
  readonly #sources: FactSources;
  #last: HostFacts;
  /** What they are facts about. */
  #about: string;
  #readAt: Date;
  #reading: Promise<void> | undefined;
  #failure: unknown;

  private constructor(sources: FactSources, last: HostFacts, about: string, readAt: Date) {
    this.#sources = sources;
    this.#last = last;
    this.#about = about;
    this.#readAt = readAt;
  }

  static async read(sources: FactSources, sample: HostSample, now: Date): Promise<KeptFacts> {
    return new KeptFacts(sources, await readFacts(sources, now), outlineOf(sample), now);
  }

  get last(): HostFacts {
    return this.#last;
  }

  /** The facts to show beside a sample. Where they are too old for it, newer ones are read for a later one. @throws a failure to read them */
  lastFor(sample: HostSample, now: Date): HostFacts {
    if (this.#failure !== undefined) throw this.#failure;
    const about = outlineOf(sample);
    const age = now.getTime() - this.#readAt.getTime();
    if (this.#reading === undefined && (age >= OLD_MS || (age >= YOUNG_MS && about !== this.#about)))
      this.#reading = this.#refresh(about, now);
    return this.#last;
  }

  async #refresh(about: string, now: Date): Promise<void> {
    try {
      this.#last = await readFacts(this.#sources, now);
      [this.#about, this.#readAt] = [about, now];
    } catch (thrown) {
      this.#failure = thrown;
    } finally {
      this.#reading = undefined;
    }
  }
}

/** What of a sample makes other facts probable when it changes. */
function outlineOf({ database, control, ports = [], counted }: HostSample): string {
  const peers = ports.map(({ name, status, mtu, peer }) => [name, status, mtu, peer]);
  return JSON.stringify([database.state, control.state, counted?.run, peers, counted?.cycles.map(({ cpu }) => cpu)]);
}

/** What samples leave out, judged. */
async function readFacts({ gathering, engine, sampler, machines }: FactSources, now: Date): Promise<HostFacts> {
  const [snapshot, free] = await Promise.all([gatherHost({ ...gathering, now }), sampler.countFreeBuffers()]);
  const { configuration, interfaces, pmdThreads, mempools } = snapshot.spec.ovs;
  const { ovsVersion, dpdkVersion } = isKnown(configuration) ? configuration : {};
  const sockets = isKnown(interfaces) ? interfaces.flatMap(({ options }) => options['vhost-server-path'] ?? []) : [];
  return {
    host: snapshot.metadata.name,
    ...(ovsVersion === undefined ? {} : { ovsVersion }),
    ...(dpdkVersion === undefined ? {} : { dpdkVersion }),
    findings: engine
      .judgeAsWritten(subjectOf({ ...snapshot }, ''))
      .findings.filter(({ status }) => status !== 'skip')
      .map((finding) => watchedFinding(finding, snapshot)),
    machines: machines.behind(sockets),
    pmdThreads: isKnown(pmdThreads) ? pmdThreads : [],
    mempools: isKnown(mempools) ? mempools.map((pool) => withFree(pool, free.get(pool.name))) : [],
  };
}

function withFree<P extends HostFacts['mempools'][number]>({ name, numaNode, objectBytes, size }: P, free: number | undefined) {
  return { name, numaNode, objectBytes, size, ...(free === undefined ? {} : { free }) };
}

function watchedFinding(finding: Finding, snapshot: HostSnapshot): WatchedFinding {
  const { rule, message } = finding;
  const port = portAt(finding.path, snapshot);
  return { rule, severity: levelOf(finding), message, ...(port === undefined ? {} : { port }) };
}

/** The port that a path leads into, by the lists of the snapshot that have an entry for each, or for its NIC. */
function portAt([, part, ...rest]: Finding['path'], { spec: { ovs, vhostSockets, pciDevices } }: HostSnapshot): string | undefined {
  const interfaces = isKnown(ovs.interfaces) ? ovs.interfaces : [];
  const [list, index] = rest;
  if (part === 'vhostSockets') return vhostSockets[Number(list)]?.interface;
  if (part === 'ovs') return list === 'interfaces' ? interfaces[Number(index)]?.name : undefined;
  const address = part === 'pciDevices' && isKnown(pciDevices) ? pciDevices[Number(list)]?.address : undefined;
  if (address === undefined) return undefined;
  return interfaces.find(({ options }) => pciAddressIn(options['dpdk-devargs'] ?? '') === address)?.name;
}
