import { isObject, type JsonObject } from '../core/json.ts';
import { MemoryInventory } from '../kube/memory-inventory.ts';
import { HostConditions } from './host-condition.ts';
import { contentOf, keptPartOf } from './kept-content.ts';
import type { ReflectorState } from './reflector.ts';
import { describeMissingVerb, describeNotInstalled, RESOURCES, type Resource } from './resources.ts';

/** Where a program that runs on tells what becomes of its connection. */
export interface CacheLog {
  info(message: string): void;
  warn(message: string): void;
}

/** How much is known of a kind. */
export interface KindState {
  readonly kind: string;
  /** True when the objects of the kind are followed, or the cluster has no such kind. */
  readonly isSynced: boolean;
  /** Seconds since the API server last said something of the kind; since the start when it never did. */
  readonly ageSeconds: number;
}

/** What changed. An empty name: all of the kind, which has become known, or unknown. */
export interface InventoryChange {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A kind and what was told of it. */
export interface Followed {
  readonly resource: Resource;
  state: ReflectorState['state'];
  currentMs: number;
  /** Why the last attempt failed; undefined when none did since the kind was current. */
  problem: string | undefined;
  /** What rules can see of an object, by `namespace/name`, for kinds whose objects change for other reasons all the time. */
  readonly contents: Map<string, string>;
}

/** What reflectors have told: the inventory, and how much of it is known. */
export class InventoryCache {
  readonly inventory: MemoryInventory;
  readonly followed: readonly Followed[];
  readonly #log: CacheLog;
  readonly #now: () => number;
  readonly #unknownKinds = new Map<string, string>();
  readonly #listeners = new Set<(change: InventoryChange) => void>();
  readonly #waiting = new Set<() => void>();
  readonly #hosts: HostConditions;

  /** @param now milliseconds since any fixed moment. @param clock milliseconds since 1970 */
  constructor(log: CacheLog, now: () => number, clock: () => number) {
    this.#log = log;
    this.#now = now;
    this.inventory = new MemoryInventory({
      isComplete: true,
      unknownKinds: this.#unknownKinds,
      description: 'the cluster',
      defaultNamespace: 'default',
    });
    this.followed = RESOURCES.map((resource) => ({
      resource,
      state: 'waiting',
      currentMs: now(),
      problem: undefined,
      contents: new Map<string, string>(),
    }));
    for (const { kind, plural } of RESOURCES) this.#unknownKinds.set(kind, `${plural} are not read yet`);
    const nodes = this.followed.find(({ resource }) => resource.kind === 'Node');
    this.#hosts = new HostConditions(clock, (node) => nodes !== undefined && this.put(nodes, node));
  }

  put({ resource, contents }: Followed, given: JsonObject): void {
    const metadata = isObject(given['metadata']) ? given['metadata'] : {};
    const { namespace = '', name = '' } = metadata as { readonly namespace?: string; readonly name?: string };
    const object = resource.kind === 'Node' ? this.#hosts.take(name, given) : given;
    const content = contentOf(object);
    if (content !== undefined && contents.get(`${namespace}/${name}`) === content) return;
    if (content !== undefined) contents.set(`${namespace}/${name}`, content);
    this.inventory.add(keptPartOf(object));
    this.#tell({ kind: resource.kind, namespace, name });
  }

  remove({ resource: { kind }, contents }: Followed, namespace: string, name: string): void {
    contents.delete(`${namespace}/${name}`);
    if (kind === 'Node') this.#hosts.drop(name);
    this.inventory.remove({ kind, namespace, name });
    this.#tell({ kind, namespace, name });
  }

  know(followed: Followed, known: ReflectorState): void {
    const { resource, state: before } = followed;
    if (known.state === before) return;
    followed.state = known.state;
    if (known.state === 'forbidden') {
      this.#unknownKinds.set(resource.kind, `${resource.plural} could not be ${known.verb === 'list' ? 'listed' : 'watched'}: forbidden`);
      this.#log.warn(`${describeMissingVerb(resource, known.verb)}; asked again from time to time`);
    } else this.#unknownKinds.delete(resource.kind);
    if (known.state === 'not-installed') this.#log.info(`${describeNotInstalled(resource)}; followed as soon as they are`);
    if (known.state === 'followed' && before !== 'waiting') this.#log.info(`${resource.plural} are followed now`);
    this.#tell({ kind: resource.kind, namespace: '', name: '' });
    if (before === 'waiting' && this.unsynced().length === 0) for (const resolve of this.#waiting) resolve();
  }

  current(followed: Followed): void {
    followed.currentMs = this.#now();
    if (followed.problem === undefined) return;
    followed.problem = undefined;
    if (this.followed.every(({ problem }) => problem === undefined))
      this.#log.info('the API server is read again, and the inventory is current');
  }

  /** All kinds fail together when the API server does: that is said once. */
  fail(followed: Followed, problem: string): void {
    const isKnown = this.followed.some((each) => each.problem === problem);
    followed.problem = problem;
    const rest = followed.state === 'waiting' ? 'nothing is known of it yet' : 'what was known stays in use';
    if (!isKnown) this.#log.warn(`${problem}; ${rest}, and another attempt follows`);
  }

  unsynced(): string[] {
    return this.followed
      .filter(({ state }) => state === 'waiting')
      .map(({ resource, problem }) => `${resource.plural} are not read yet${problem === undefined ? '' : `: ${problem}`}`);
  }

  kinds(): KindState[] {
    return this.followed.map(({ resource, state, currentMs }) => ({
      kind: resource.kind,
      isSynced: state === 'followed' || state === 'not-installed',
      ageSeconds: Math.max(0, this.#now() - currentMs) / 1000,
    }));
  }

  whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.unsynced().length === 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Nothing is told from now on. */
  stop(): void {
    this.#hosts.stop();
  }

  onChange(listener: (change: InventoryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(change: InventoryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
