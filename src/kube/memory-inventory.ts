import { isObject, type JsonObject } from '../core/json.ts';
import { found, type Lookup } from '../core/lookup.ts';
import { groupOf, subjectOf } from '../core/subject.ts';
import type { CatalogueReference, Inventory } from './inventory.ts';
import { type KubeVirt, readKubeVirt } from './kubevirt.ts';
import { type Network, readNetwork } from './network.ts';
import { type Node, readNode } from './node.ts';

/** Where an inventory's objects come from, for the reasons that skipped rules give. */
export interface InventorySource {
  /** True when what is not there does not exist: a cluster's caches or a snapshot, not a folder of files. */
  readonly isComplete: boolean;
  /** Kinds of which nothing is known even so, each with why: "nodes could not be listed: forbidden". */
  readonly unknownKinds?: ReadonlyMap<string, string>;
  /** Completes "… is not in": "the files given", "the snapshot prod.yaml". */
  readonly description: string;
  /** Where kubectl would put an object without a namespace. */
  readonly defaultNamespace: string;
}

const CATALOGUE_KIND = /^VirtualMachine(Cluster)?(Instancetype|Preference)$/;

/** An inventory held in memory and filled object by object. Each object is read once: a network when it is asked for, which few are. */
export class MemoryInventory implements Inventory {
  readonly #source: InventorySource;
  readonly #networks = new Map<string, KeptNetwork>();
  readonly #catalogue = new Map<string, JsonObject>();
  readonly #revisions = new Map<string, JsonObject>();
  readonly #namespaces = new Map<string, JsonObject>();
  readonly #nodes = new Map<string, Node>();
  /** Made when it is asked for: a list for each change would cost as much as all nodes together. */
  #nodeList: readonly Node[] | undefined;
  readonly #kubeVirts = new Map<string, KubeVirt>();

  constructor(source: InventorySource) {
    this.#source = source;
  }

  /** Takes in an object that rules look things up in. @returns false for any other kind. */
  add(object: JsonObject): boolean {
    const { apiVersion, kind, namespace, name } = subjectOf(object, this.#source.defaultNamespace);
    const group = groupOf(apiVersion);
    if (group === 'k8s.cni.cncf.io' && kind === 'NetworkAttachmentDefinition')
      this.#networks.set(`${namespace}/${name}`, new KeptNetwork(object, namespace));
    else if (group === 'instancetype.kubevirt.io' && CATALOGUE_KIND.test(kind)) this.#addCatalogue(kind, namespace, name, object);
    else if (group === 'apps' && kind === 'ControllerRevision') this.#revisions.set(`${namespace}/${name}`, member(object, 'data'));
    else if (group === 'kubevirt.io' && kind === 'KubeVirt') this.#kubeVirts.set(`${namespace}/${name}`, readKubeVirt(object));
    else if (group === '' && kind === 'Namespace') this.#namespaces.set(name, member(member(object, 'metadata'), 'labels'));
    else if (group === '' && kind === 'Node') this.#addNode(name, object);
    else return false;
    return true;
  }

  /** Takes out what `add` took in under this kind and name. */
  remove({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }): void {
    const key = `${namespace}/${name}`;
    if (kind === 'NetworkAttachmentDefinition') this.#networks.delete(key);
    else if (kind === 'ControllerRevision') this.#revisions.delete(key);
    else if (kind === 'KubeVirt') this.#kubeVirts.delete(key);
    else if (kind === 'Namespace') this.#namespaces.delete(name);
    else if (kind === 'Node') this.#removeNode(name);
    else this.#catalogue.delete(catalogueKey(kind, namespace, name));
  }

  networkAttachmentDefinition(namespace: string, name: string): Lookup<Network> {
    return this.#lookup(
      'NetworkAttachmentDefinition',
      this.#networks.get(`${namespace}/${name}`)?.network,
      `NetworkAttachmentDefinition "${namespace}/${name}"`,
    );
  }

  catalogue(reference: CatalogueReference): Lookup<JsonObject> {
    const scope = reference.isClusterWide ? 'Cluster' : '';
    const kind = `VirtualMachine${scope}${reference.category === 'instancetype' ? 'Instancetype' : 'Preference'}`;
    const name = reference.isClusterWide ? reference.name : `${reference.namespace}/${reference.name}`;
    const spec = this.#catalogue.get(catalogueKey(kind, reference.namespace, reference.name));
    return this.#lookup(kind, spec, `${kind} "${name}"`);
  }

  controllerRevision(namespace: string, name: string): Lookup<JsonObject> {
    return this.#lookup('ControllerRevision', this.#revisions.get(`${namespace}/${name}`), `ControllerRevision "${namespace}/${name}"`);
  }

  kubeVirt(): Lookup<KubeVirt> {
    return this.#lookup('KubeVirt', [...this.#kubeVirts.values()].at(-1), 'the KubeVirt object');
  }

  nodes(): Lookup<readonly Node[]> {
    const isKnown = this.#source.isComplete && !this.#source.unknownKinds?.has('Node');
    this.#nodeList ??= [...this.#nodes.values()];
    return this.#lookup('Node', isKnown || this.#nodeList.length > 0 ? this.#nodeList : undefined, 'a Node');
  }

  namespaceLabels(name: string): Lookup<JsonObject> {
    return this.#lookup('Namespace', this.#namespaces.get(name), `Namespace "${name}"`);
  }

  #addCatalogue(kind: string, namespace: string, name: string, object: JsonObject): void {
    this.#catalogue.set(catalogueKey(kind, namespace, name), member(object, 'spec'));
  }

  #addNode(name: string, object: JsonObject): void {
    this.#nodes.set(name, readNode(object));
    this.#nodeList = undefined;
  }

  #removeNode(name: string): void {
    this.#nodes.delete(name);
    this.#nodeList = undefined;
  }

  #lookup<T>(kind: string, value: T | undefined, what: string): Lookup<T> {
    if (value !== undefined) return found(value);
    const obstacle = this.#source.unknownKinds?.get(kind);
    if (obstacle !== undefined) return { state: 'unknown', reason: `${what} is not known: ${obstacle}` };
    if (this.#source.isComplete) return { state: 'absent', reason: `${what} does not exist in ${this.#source.description}` };
    return { state: 'unknown', reason: `${what} is not in ${this.#source.description}` };
  }
}

class KeptNetwork {
  readonly #object: JsonObject;
  readonly #namespace: string;
  #network: Network | undefined;

  constructor(object: JsonObject, namespace: string) {
    this.#object = object;
    this.#namespace = namespace;
  }

  get network(): Network {
    this.#network ??= readNetwork(subjectOf(this.#object, this.#namespace));
    return this.#network;
  }
}

function catalogueKey(kind: string, namespace: string, name: string): string {
  return kind.startsWith('VirtualMachineCluster') ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function member(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return isObject(value) ? value : {};
}
