import { type ClusterSize, nadText, nodeText, placeOfNad, placeOfVm, vmText } from './objects.ts';

/** Enough for the nodes to be a fit table, and few beside the VMs. */
const NODES = 50;

/** What a cluster holds, as JSON texts: objects by `namespace/name`, by `group/version/plural`. */
export class Store {
  /** Counts writes; the resourceVersion of every list. */
  version = 1;
  readonly #collections = new Map<string, Map<string, string>>();
  /** The texts in their order, made when a page of them is asked for. */
  readonly #pages = new Map<string, readonly string[]>();

  constructor(size: ClusterSize) {
    const vms = this.#collection('kubevirt.io/v1/virtualmachines');
    for (let index = 0; index < size.vms; index += 1) vms.set(keyOf(placeOfVm(index)), vmText(index, size.nads));
    const nads = this.#collection('k8s.cni.cncf.io/v1/network-attachment-definitions');
    for (let index = 0; index < size.nads; index += 1) nads.set(keyOf(placeOfNad(index)), nadText(index));
    const nodes = this.#collection('v1/nodes');
    for (let index = 0; index < NODES; index += 1) nodes.set(`/worker-${index}`, nodeText(index));
    this.#collection('kubevirt.io/v1/kubevirts').set('kubevirt/kubevirt', KUBEVIRT);
  }

  get(collection: string, key: string): string | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  put(collection: string, key: string, text: string): void {
    this.version += 1;
    this.#pages.delete(collection);
    this.#collection(collection).set(key, text);
  }

  remove(collection: string, key: string): void {
    this.version += 1;
    this.#pages.delete(collection);
    this.#collection(collection).delete(key);
  }

  /** All texts of a collection, in the order in which they came. */
  list(collection: string): readonly string[] {
    const listed = this.#pages.get(collection) ?? [...this.#collection(collection).values()];
    this.#pages.set(collection, listed);
    return listed;
  }

  size(collection: string): number {
    return this.#collection(collection).size;
  }

  #collection(name: string): Map<string, string> {
    const existing = this.#collections.get(name);
    if (existing !== undefined) return existing;
    const collection = new Map<string, string>();
    this.#collections.set(name, collection);
    return collection;
  }
}

export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

const KUBEVIRT = JSON.stringify({
  apiVersion: 'kubevirt.io/v1',
  kind: 'KubeVirt',
  metadata: { name: 'kubevirt', namespace: 'kubevirt', uid: '9c5f4a3e-0000-4000-8000-000000000000', resourceVersion: '1' },
  spec: { configuration: { network: { binding: { vhostuser: { sidecarImage: 'registry.example/vhostuser-sidecar:v1' } } } } },
});
