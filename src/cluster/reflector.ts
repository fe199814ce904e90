import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { connect } from './api-server.ts';
import { BackOff } from './back-off.ts';
import type { Connection } from './connection.ts';
import type { Access } from './kubeconfig.ts';
import { list, trim } from './list.ts';
import type { Resource } from './resources.ts';
import { type WatchEnding, type WatchEvent, watch } from './watch.ts';

/** What is known of a kind: nothing yet, its objects, that there is no such kind, or that the user may not know. */
export type ReflectorState =
  | { readonly state: 'waiting' | 'followed' | 'not-installed' }
  | { readonly state: 'forbidden'; readonly verb: 'list' | 'watch' };

/** How long things take, in milliseconds. */
export interface Pace {
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  /** Longest silence of a watch. API servers send a bookmark each minute. */
  readonly silenceMs: number;
  /** The first wait after a failure; it doubles. */
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
  /** After a watch of this length the next failure counts as the first. */
  readonly wellMs: number;
  /** How often is asked again for what the user may not see. */
  readonly forbiddenRetryMs: number;
}

export const PACE: Pace = {
  timeoutMs: 30_000,
  silenceMs: 150_000,
  firstRetryMs: 500,
  mostRetryMs: 60_000,
  wellMs: 1000,
  forbiddenRetryMs: 60_000,
};

export interface ReflectorOptions {
  readonly resource: Resource;
  readonly connection: Connection;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Gets an object that is new or has changed. */
  readonly onPut: (object: JsonObject) => void;
  /** @param namespace empty for objects that are in none. */
  readonly onRemove: (namespace: string, name: string) => void;
  /** After the objects of a list, and each time something else is known of the kind. */
  readonly onState: (state: ReflectorState) => void;
  /** What is known is up to date at this moment. */
  readonly onCurrent: () => void;
  /** The API server cannot be read; another attempt follows. */
  readonly onFailure: (problem: string) => void;
}

/** Follows a kind until `signal` aborts, whatever the API server does. Never throws. */
export async function reflect(options: ReflectorOptions): Promise<void> {
  const { pace, signal } = options;
  const backOff = new BackOff({ firstMs: pace.firstRetryMs, mostMs: pace.mostRetryMs });
  const reflector = new Reflector(options);
  while (!signal.aborted) {
    const startMs = performance.now();
    const outcome = await reflector.step().catch((thrown: unknown) => ({ problem: describeError(thrown) }));
    if (signal.aborted) return;
    // A watch that ends as soon as it is open must not be opened again at once, for ever.
    const wasWell = performance.now() - startMs >= pace.wellMs && reflector.wasOpen;
    if (wasWell) backOff.reset();
    if (typeof outcome === 'object') {
      options.connection.renew();
      options.onFailure(outcome.problem);
    } else if (outcome === 'ended' && wasWell) continue;
    const waitMs = outcome === 'forbidden' ? pace.forbiddenRetryMs : backOff.next();
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

class Reflector {
  /** Whether the last step got as far as an open watch. */
  wasOpen = false;
  readonly #options: ReflectorOptions;
  /** Versions by `namespace/name`: what a list no longer holds is gone, and what has its version has not changed. */
  #versions = new Map<string, string>();
  /** Where the watch goes on; empty when everything must be listed. */
  #resourceVersion = '';
  /** What was listed, until it is known whether it can be watched too: of what cannot be followed nothing is told. */
  #listed: readonly JsonObject[] | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  /** Lists where that is needed, and watches until the watch ends. @throws AppError CLUSTER_UNREACHABLE */
  async step(): Promise<WatchEnding> {
    this.wasOpen = false;
    const access = await this.#options.connection.access();
    const refusal = this.#resourceVersion === '' ? await this.#list(access) : undefined;
    if (refusal !== undefined) return refusal;
    const ending = await this.#watch(access).catch((thrown: unknown) => {
      this.#settle();
      throw thrown;
    });
    if (ending === 'forbidden') this.#forget({ state: 'forbidden', verb: 'watch' });
    else this.#settle();
    if (ending !== 'ended') this.#resourceVersion = '';
    return ending;
  }

  async #list(access: Access): Promise<'not-installed' | 'forbidden' | undefined> {
    const { resource, pace, signal, onCurrent } = this.#options;
    const { get, close } = connect(access, pace.timeoutMs);
    signal.addEventListener('abort', close);
    const listing = await list(resource, get).finally(() => {
      signal.removeEventListener('abort', close);
      close();
    });
    if (listing.state === 'listed') {
      this.#listed = listing.objects;
      this.#resourceVersion = listing.resourceVersion;
      return undefined;
    }
    this.#forget(listing.state === 'forbidden' ? { state: 'forbidden', verb: 'list' } : { state: 'not-installed' });
    onCurrent();
    return listing.state;
  }

  #watch(access: Access): Promise<WatchEnding> {
    const { resource, pace, signal, onCurrent } = this.#options;
    return watch(access, {
      resource,
      resourceVersion: this.#resourceVersion,
      timeoutMs: pace.timeoutMs,
      silenceMs: pace.silenceMs,
      signal,
      onOpen: () => {
        this.wasOpen = true;
        this.#settle();
        onCurrent();
      },
      onEvent: (event) => {
        this.#take(event);
        onCurrent();
      },
    });
  }

  #settle(): void {
    if (this.#listed === undefined) return;
    this.#replace(this.#listed);
    this.#listed = undefined;
    this.#options.onState({ state: 'followed' });
  }

  #forget(state: ReflectorState): void {
    this.#listed = undefined;
    this.#replace([]);
    this.#options.onState(state);
  }

  #replace(objects: readonly JsonObject[]): void {
    const { onPut } = this.#options;
    const before = this.#versions;
    this.#versions = new Map();
    for (const object of objects) {
      const { key, version } = identityOf(object);
      if (before.get(key) !== version) onPut(object);
      before.delete(key);
      this.#versions.set(key, version);
    }
    for (const key of before.keys()) this.#remove(key);
  }

  #take({ type, object }: WatchEvent): void {
    const { resource, onPut } = this.#options;
    const { key, version } = identityOf(object);
    this.#resourceVersion = version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') {
      this.#versions.delete(key);
      this.#remove(key);
    } else {
      this.#versions.set(key, version);
      onPut(trim(object, resource));
    }
  }

  #remove(key: string): void {
    const slash = key.indexOf('/');
    this.#options.onRemove(key.slice(0, slash), key.slice(slash + 1));
  }
}

function identityOf(object: JsonObject): { readonly key: string; readonly version: string } {
  const { namespace = '', name = '', resourceVersion = '' } = isObject(object['metadata']) ? object['metadata'] : {};
  return { key: `${String(namespace)}/${String(name)}`, version: String(resourceVersion) };
}
