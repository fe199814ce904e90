import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '../cluster/back-off.ts';
import type { Connection } from '../cluster/connection.ts';
import { trim } from '../cluster/list.ts';
import { PACE, type Pace } from '../cluster/reflector.ts';
import type { Resource } from '../cluster/resources.ts';
import type { WatchEvent } from '../cluster/watch.ts';
import { type Send, sendUntil } from '../cluster/writes.ts';
import { describeError } from '../core/errors.ts';
import { subjectOf } from '../core/subject.ts';
import type { AnyRule } from '../engine/rule.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ScanMetrics } from '../telemetry/scan-metrics.ts';
import { describeRefusal } from './refusal.ts';
import { Assessor, type Standards } from './scan-assess.ts';
import { KindFollower, type Listed } from './scan-follow.ts';
import { ReportKeeper } from './scan-keeper.ts';
import { RepeatedProblems } from './scan-problems.ts';
import { keyOfSubject, SCANNED } from './scan-subjects.ts';
import { type LookedUpChange, ScanTriggers } from './scan-triggers.ts';
import { ServedVersions, type VersionedResource } from './served-versions.ts';

/** How long things take, in milliseconds. */
export interface ScanPace extends Pace {
  /** How long changes of what rules look up are gathered before subjects are judged again. */
  readonly settleMs: number;
  /** How often everything is listed again even so: reports that someone deleted come back, expired exemptions end. */
  readonly rescanMs: number;
  /** How often is looked whether the API of the reports has been installed. */
  readonly reportApiRetryMs: number;
}

export const SCAN_PACE: ScanPace = { ...PACE, settleMs: 1000, rescanMs: 15 * 60_000, reportApiRetryMs: 60_000 };

export interface ScanOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly rules: readonly AnyRule[];
  readonly standards: Standards;
  readonly inventory: Inventory;
  /** Calls the listener after each change that rules can see. @returns a function that ends it */
  readonly onChange: (listener: (change: LookedUpChange) => void) => () => void;
  readonly logger: Logger;
  readonly metrics: ScanMetrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly pace?: ScanPace;
}

/** A scan that runs. */
export interface Scan {
  /** Resolves when every kind was listed once, and what had to be written is written; a kind that cannot be read delays it. */
  readonly whenScanned: Promise<void>;
  /** Judges everything again, by other settings or on another day. */
  use(standards: Standards): void;
  /** Resolves when nothing is under way any more. Reports stay. */
  stop(): Promise<void>;
}

/** Keeps a policy report for each object in the cluster with a vhost-user NIC, until it is stopped. The inventory must be synced. */
export function startScan(options: ScanOptions): Scan {
  const scanner = new Scanner(options);
  const running = scanner.run();
  return {
    whenScanned: scanner.whenScanned,
    use: (standards) => scanner.use(standards),
    stop: async () => {
      await scanner.stop();
      await running;
    },
  };
}

/** Subjects that may wait for their reports to be written before the next page of objects is read. */
const MOST_WAITING = 200;

class Scanner {
  readonly whenScanned: Promise<void>;
  readonly #options: ScanOptions;
  readonly #pace: ScanPace;
  readonly #assessor: Assessor;
  readonly #keeper: ReportKeeper;
  readonly #triggers: ScanTriggers;
  readonly #problems: RepeatedProblems;
  readonly #stopping = new AbortController();
  readonly #versions = new ServedVersions();
  readonly #followers: readonly KindFollower[];
  /** Objects of each kind that exist. */
  readonly #existing = new Map<string, number>();
  /** Counts the lists of each kind: what was not in the last one is gone. */
  readonly #lists = new Map<string, number>();
  #onScanned: () => void = () => undefined;

  constructor(options: ScanOptions) {
    const send = sendUntil(this.#stopping.signal, options.send);
    this.#options = { ...options, send };
    this.#pace = options.pace ?? SCAN_PACE;
    this.#problems = new RepeatedProblems((message) => {
      // What the end cuts short is no problem.
      if (!this.#stopping.signal.aborted) options.logger.warn(message);
    });
    this.#assessor = new Assessor(options.rules, options.inventory, options.standards);
    this.#keeper = new ReportKeeper({
      ...this.#options,
      assessor: this.#assessor,
      problems: this.#problems,
      pace: this.#pace,
      versions: this.#versions,
    });
    this.#triggers = new ScanTriggers((dependency) => this.#keeper.lookAtUsersOf(dependency), this.#pace.settleMs);
    this.#followers = SCANNED.map((resource) => this.#followerOf(resource));
    this.whenScanned = new Promise((resolve) => {
      this.#onScanned = resolve;
    });
  }

  use(standards: Standards): void {
    this.#assessor.use(standards);
    this.#triggers.rescan();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#triggers.stop();
    await this.#keeper.stop();
  }

  async run(): Promise<void> {
    const { signal } = this.#stopping;
    const stopListening = this.#options.onChange((change) => this.#triggers.changed(change));
    await this.#readReports();
    let scanning = this.#scan();
    const following = this.#followers.map((follower) => follower.run());
    for (;;) {
      await scanning;
      await this.#untilNext();
      if (signal.aborted) break;
      await this.#readReports();
      scanning = this.#scan();
    }
    stopListening();
    await Promise.all(following);
  }

  async #scan(): Promise<void> {
    const startMs = performance.now();
    await Promise.all(this.#followers.map((follower) => follower.relist()));
    await this.#keeper.whenBelow(1);
    if (this.#stopping.signal.aborted) return;
    const seconds = (performance.now() - startMs) / 1000;
    this.#options.metrics.scanned(seconds, this.#options.now() / 1000);
    const counts = SCANNED.map(({ kind }) => `${this.#keeper.inScope(kind)} of ${this.#existing.get(kind) ?? 0} ${kind}`);
    this.#options.logger.info(`scanned the cluster in ${seconds.toFixed(1)} s; with a vhost-user NIC: ${counts.join(', ')}`);
    this.#onScanned();
  }

  /** Waits for a reason to scan again. While reports cannot be written it looks now and then whether they can by now. */
  async #untilNext(): Promise<void> {
    const { rescanMs, reportApiRetryMs } = this.#pace;
    const endMs = performance.now() + rescanMs;
    for (let leftMs = rescanMs; leftMs > 0 && !this.#stopping.signal.aborted; leftMs = endMs - performance.now()) {
      if (await this.#triggers.whenRescan(this.#keeper.isWriting ? leftMs : Math.min(leftMs, reportApiRetryMs))) return;
      if (!this.#keeper.isWriting && (await this.#keeper.canWrite())) return;
    }
  }

  /** Until it is known which reports exist, nothing is scanned: every report would look like a new one. */
  async #readReports(): Promise<void> {
    const backOff = new BackOff({ firstMs: this.#pace.firstRetryMs, mostMs: this.#pace.mostRetryMs });
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#keeper.readReports();
        return;
      } catch (thrown) {
        this.#problems.tell(describeError(thrown));
        await sleep(backOff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #followerOf(resource: VersionedResource): KindFollower {
    const { connection, send } = this.#options;
    return new KindFollower({
      resource,
      versions: this.#versions,
      connection,
      send,
      pace: this.#pace,
      signal: this.#stopping.signal,
      onPage: (objects, isFirst) => {
        if (isFirst) this.#beginList(resource);
        for (const object of objects) this.#keeper.take(this.#assessor.assess(object), this.#listOf(resource));
        this.#countExisting(resource, objects.length);
      },
      whenReady: () => this.#keeper.whenBelow(MOST_WAITING),
      onListed: (listed) => this.#listed(resource, listed),
      onEvent: (event) => this.#take(resource, event),
      onFailure: (problem) => this.#problems.tell(`${problem}; another attempt follows`),
    });
  }

  #listOf({ kind }: Resource): number {
    return this.#lists.get(kind) ?? 0;
  }

  #beginList(resource: Resource): void {
    this.#lists.set(resource.kind, this.#listOf(resource) + 1);
    this.#existing.set(resource.kind, 0);
  }

  #listed(resource: Resource, listed: Listed): void {
    if (listed === 'listed') this.#keeper.lookAtUnseen(resource.kind, this.#listOf(resource));
    if (listed === 'forbidden')
      this.#problems.tell(`${describeRefusal({ status: 403, body: undefined }, { ...resource, verb: 'list' })}; none of them is scanned`);
    this.#countExisting(resource, 0);
  }

  #take(resource: VersionedResource, { type, object }: WatchEvent): void {
    const subject = trim(object, this.#versions.of(resource));
    if (type === 'DELETED') this.#keeper.takeGone(keyOfSubject(subjectOf(subject, '')));
    else this.#keeper.take(this.#assessor.assess(subject), this.#listOf(resource));
    this.#countExisting(resource, type === 'ADDED' ? 1 : type === 'DELETED' ? -1 : 0);
  }

  #countExisting({ kind }: Resource, change: number): void {
    const existing = (this.#existing.get(kind) ?? 0) + change;
    this.#existing.set(kind, existing);
    this.#options.metrics.subjects(kind, existing, this.#keeper.inScope(kind));
  }
}
