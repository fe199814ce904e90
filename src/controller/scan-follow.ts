import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '../cluster/back-off.ts';
import type { Connection } from '../cluster/connection.ts';
import { listPages } from '../cluster/list.ts';
import type { Pace } from '../cluster/reflector.ts';
import { type WatchEvent, watch } from '../cluster/watch.ts';
import type { Send } from '../cluster/writes.ts';
import { describeError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { ServedVersions, VersionedResource } from './served-versions.ts';

/** What came of looking at a kind as a whole. */
export type Listed = 'listed' | 'not-installed' | 'forbidden';

export interface KindFollowerOptions {
  readonly resource: VersionedResource;
  readonly versions: ServedVersions;
  readonly connection: Connection;
  readonly send: Send;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Gets the objects of a list page by page. */
  readonly onPage: (objects: readonly JsonObject[], isFirst: boolean) => void;
  /** Resolves when the next page may come. */
  readonly whenReady: () => Promise<void>;
  /** After the last page, or where there is none. */
  readonly onListed: (listed: Listed) => void;
  readonly onEvent: (event: WatchEvent) => void;
  /** The API server cannot be read; another attempt follows. */
  readonly onFailure: (problem: string) => void;
}

/** Follows a kind without keeping its objects, whatever the API server does. */
export class KindFollower {
  readonly #options: KindFollowerOptions;
  #resourceVersion = '';
  /** Ends a wait or a watch that is under way: to list anew, or for good. */
  #restart = new AbortController();
  #onSettled: (() => void)[] = [];

  constructor(options: KindFollowerOptions) {
    this.#options = options;
  }

  /** Lists everything anew. Resolves after that, or when it turns out that the kind cannot be listed, or at the end. */
  relist(): Promise<void> {
    if (this.#options.signal.aborted) return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#onSettled.push(resolve));
    this.#restart.abort();
    return settled;
  }

  /** Runs until the signal aborts. Never throws. */
  async run(): Promise<void> {
    const { pace, signal, onFailure, connection } = this.#options;
    const backOff = new BackOff({ firstMs: pace.firstRetryMs, mostMs: pace.mostRetryMs });
    // Not `AbortSignal.any`: each of those stays known to a signal that lives as long as the program.
    signal.addEventListener('abort', () => this.#restart.abort(), { once: true });
    while (!signal.aborted) {
      const startMs = performance.now();
      if (this.#restart.signal.aborted) {
        this.#restart = new AbortController();
        this.#resourceVersion = '';
      }
      const outcome = await this.#step().catch((thrown: unknown) => ({ problem: describeError(thrown) }));
      if (signal.aborted) break;
      if (typeof outcome === 'object') {
        connection.renew();
        onFailure(outcome.problem);
      } else if (performance.now() - startMs >= pace.wellMs) backOff.reset();
      if (this.#restart.signal.aborted) continue;
      await this.#sleep(outcome === 'forbidden' ? pace.forbiddenRetryMs : backOff.next());
    }
    this.#settle();
  }

  /** Lists where that is needed, and watches until the watch ends. */
  async #step(): Promise<'again' | 'not-installed' | 'forbidden'> {
    const { resource, versions, connection, pace } = this.#options;
    if (this.#resourceVersion === '') {
      const listed = await this.#list();
      if (listed !== 'listed') return listed;
    }
    const access = await connection.access();
    const { signal } = this.#restart;
    if (signal.aborted) return 'again';
    const ending = await watch(access, {
      resource: versions.of(resource),
      resourceVersion: this.#resourceVersion,
      timeoutMs: pace.timeoutMs,
      silenceMs: pace.silenceMs,
      signal,
      onOpen: () => undefined,
      onEvent: (event) => this.#take(event),
    });
    if (ending !== 'ended') this.#resourceVersion = '';
    return ending === 'forbidden' || ending === 'not-installed' ? ending : 'again';
  }

  async #list(): Promise<Listed> {
    const { resource, versions, send, onPage, whenReady, onListed } = this.#options;
    const asked = this.#onSettled.length;
    let isFirst = true;
    const paging = {
      onPage: (objects: readonly JsonObject[]) => {
        onPage(objects, isFirst);
        isFirst = false;
      },
      whenReady,
    };
    const listing = await versions.find(resource, (served) => listPages(served, (path) => send('GET', path), paging));
    if (listing.state === 'expired') throw new Error(`the API server forgot the list of ${resource.plural} halfway`);
    if (listing.state === 'listed') this.#resourceVersion = listing.resourceVersion;
    onListed(listing.state);
    this.#settle(asked);
    return listing.state;
  }

  /** Tells those that had asked when the list began: for later ones it may be too old. */
  #settle(asked = this.#onSettled.length): void {
    for (const resolve of this.#onSettled.splice(0, asked)) resolve();
  }

  #take(event: WatchEvent): void {
    const { resourceVersion } = Object(event.object['metadata']) as { readonly resourceVersion?: unknown };
    if (typeof resourceVersion === 'string') this.#resourceVersion = resourceVersion;
    if (event.type !== 'BOOKMARK') this.#options.onEvent(event);
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#restart.signal }).catch(() => undefined);
  }
}
