import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import { apiVersionOf, type FakeResource } from './resource.ts';

/** An object of the API, with the members that the server reads. */
export interface Stored extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

/** One change. `before` is undefined for a new object, `after` for a deleted one. */
export interface Change {
  readonly resource: FakeResource;
  readonly version: number;
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
}

/** What etcd holds: objects by resource, and the history that watches begin from. */
export class Store {
  #version = 1000;
  #uid = 0;
  #oldest = 1000;
  #history: Change[] = [];
  readonly #objects = new Map<FakeResource, Map<string, Stored>>();
  readonly #listeners = new Set<(change: Change) => void>();

  /** The newest resourceVersion. */
  get version(): number {
    return this.#version;
  }

  objects(resource: FakeResource): readonly Stored[] {
    return [...(this.#objects.get(resource)?.values() ?? [])];
  }

  get(resource: FakeResource, namespace: string, name: string): Stored | undefined {
    return this.#objects.get(resource)?.get(keyOf(resource, namespace, name));
  }

  /** Creates or replaces an object. One that would not change keeps its resourceVersion, and nobody is told. */
  write(resource: FakeResource, object: JsonObject, namespace: string): Stored {
    const given = isObject(object['metadata']) ? object['metadata'] : {};
    const place = namespace || text(given['namespace']) || 'default';
    const name = text(given['name']);
    const before = this.get(resource, place, name);
    const { managedFields: _managedFields, ...metadata } = given;
    const complete = (version: number): Stored => ({
      ...object,
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: {
        ...metadata,
        name,
        ...(resource.namespaced ? { namespace: place } : {}),
        uid: before?.metadata.uid ?? `00000000-0000-4000-8000-${String(++this.#uid).padStart(12, '0')}`,
        creationTimestamp: before?.metadata['creationTimestamp'] ?? new Date(1_790_000_000_000).toISOString().replace('.000', ''),
        resourceVersion: String(version),
      },
    });
    if (before !== undefined && isDeepStrictEqual(complete(Number(before.metadata.resourceVersion)), before)) return before;
    const after = structuredClone(complete(++this.#version));
    const objects = this.#objects.get(resource) ?? new Map<string, Stored>();
    this.#objects.set(resource, objects.set(keyOf(resource, place, name), after));
    this.#record({ resource, version: this.#version, before, after });
    return after;
  }

  /** @returns the object that was there */
  remove(resource: FakeResource, namespace: string, name: string): Stored | undefined {
    const before = this.get(resource, namespace, name);
    if (before === undefined) return undefined;
    this.#objects.get(resource)?.delete(keyOf(resource, namespace, name));
    this.#record({ resource, version: ++this.#version, before, after: undefined });
    return before;
  }

  /** Forgets a resource with all its objects, as when its CustomResourceDefinition is deleted. */
  drop(resource: FakeResource): void {
    this.#objects.delete(resource);
  }

  /** The changes after a version, or undefined where they are forgotten. */
  since(version: number): readonly Change[] | undefined {
    return version < this.#oldest ? undefined : this.#history.filter((change) => change.version > version);
  }

  /** Forgets all history, as etcd's compaction does: watches of an older version get 410. */
  compact(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#history = [];
  }

  /** @returns a function that ends it */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #record(change: Change): void {
    this.#history.push(change);
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function keyOf(resource: FakeResource, namespace: string, name: string): string {
  return resource.namespaced ? `${namespace}/${name}` : name;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
