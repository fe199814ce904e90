import type { JsonObject } from '../core/json.ts';
import type { Lookup } from '../core/lookup.ts';
import type { CatalogueReference, Inventory } from '../kube/inventory.ts';
import type { KubeVirt } from '../kube/kubevirt.ts';
import type { Network } from '../kube/network.ts';
import type { Node } from '../kube/node.ts';
import type { SubjectKey } from './scan-subjects.ts';

/** An object, or a kind as a whole, whose change may change a judgement. */
export type Dependency = string;

/** Kinds of which rules see everything at once. */
const WHOLE_KINDS = new Set(['KubeVirt', 'Node']);

const CLUSTER_KINDS = new Set(['Namespace', 'VirtualMachineClusterInstancetype', 'VirtualMachineClusterPreference']);

/** The dependency that a change of this object touches. */
export function dependencyOn(kind: string, namespace: string, name: string): Dependency {
  if (WHOLE_KINDS.has(kind)) return kind;
  return CLUSTER_KINDS.has(kind) ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/**
 * An inventory that notes what it is asked. What a judgement looked up, found or not, is all of the cluster that it depends on:
 * no rule has to say so, and none can forget.
 */
export class LookupRecorder implements Inventory {
  readonly #inventory: Inventory;
  #asked = new Set<Dependency>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** What was asked since the last call. */
  take(): ReadonlySet<Dependency> {
    const asked = this.#asked;
    this.#asked = new Set();
    return asked;
  }

  networkAttachmentDefinition(namespace: string, name: string): Lookup<Network> {
    this.#asked.add(dependencyOn('NetworkAttachmentDefinition', namespace, name));
    return this.#inventory.networkAttachmentDefinition(namespace, name);
  }

  catalogue(reference: CatalogueReference): Lookup<JsonObject> {
    const { category, isClusterWide, namespace, name } = reference;
    const scope = isClusterWide ? 'Cluster' : '';
    const kind = `VirtualMachine${scope}${category === 'instancetype' ? 'Instancetype' : 'Preference'}`;
    this.#asked.add(dependencyOn(kind, namespace, name));
    return this.#inventory.catalogue(reference);
  }

  controllerRevision(namespace: string, name: string): Lookup<JsonObject> {
    this.#asked.add(dependencyOn('ControllerRevision', namespace, name));
    return this.#inventory.controllerRevision(namespace, name);
  }

  kubeVirt(): Lookup<KubeVirt> {
    this.#asked.add('KubeVirt');
    return this.#inventory.kubeVirt();
  }

  nodes(): Lookup<readonly Node[]> {
    this.#asked.add('Node');
    return this.#inventory.nodes();
  }

  namespaceLabels(name: string): Lookup<JsonObject> {
    this.#asked.add(dependencyOn('Namespace', '', name));
    return this.#inventory.namespaceLabels(name);
  }
}

const NONE: ReadonlySet<SubjectKey> = new Set();

/** Who depends on what, both ways. A subject that depends on nothing takes no room. */
export class DependencyIndex {
  readonly #dependencies = new Map<SubjectKey, readonly Dependency[]>();
  readonly #users = new Map<Dependency, Set<SubjectKey>>();

  /** Says what a subject depends on from now on. */
  set(key: SubjectKey, dependencies: ReadonlySet<Dependency>): void {
    const before = this.#dependencies.get(key) ?? [];
    if (before.length === dependencies.size && before.every((dependency) => dependencies.has(dependency))) return;
    for (const dependency of before) this.#drop(dependency, key);
    if (dependencies.size === 0) this.#dependencies.delete(key);
    else this.#dependencies.set(key, [...dependencies]);
    for (const dependency of dependencies) this.#add(dependency, key);
  }

  delete(key: SubjectKey): void {
    this.set(key, new Set());
  }

  has(key: SubjectKey): boolean {
    return this.#dependencies.has(key);
  }

  /** The subjects that a change touches. */
  usersOf(dependency: Dependency): ReadonlySet<SubjectKey> {
    return this.#users.get(dependency) ?? NONE;
  }

  #add(dependency: Dependency, key: SubjectKey): void {
    const users = this.#users.get(dependency);
    if (users === undefined) this.#users.set(dependency, new Set([key]));
    else users.add(key);
  }

  #drop(dependency: Dependency, key: SubjectKey): void {
    const users = this.#users.get(dependency);
    users?.delete(key);
    if (users?.size === 0) this.#users.delete(dependency);
  }
}
