import type { JsonObject } from '../core/json.ts';
import type { Lookup } from '../core/lookup.ts';
import type { KubeVirt } from './kubevirt.ts';
import type { Network } from './network.ts';
import type { Node } from './node.ts';

/** Where an instancetype or preference is looked for. */
export interface CatalogueReference {
  readonly category: 'instancetype' | 'preference';
  readonly isClusterWide: boolean;
  readonly namespace: string;
  readonly name: string;
}

/** Read-only, synchronous view of the cluster, filled before evaluation starts. What it cannot know, it says. */
export interface Inventory {
  networkAttachmentDefinition(namespace: string, name: string): Lookup<Network>;
  /** The `spec` of an instancetype or preference. */
  catalogue(reference: CatalogueReference): Lookup<JsonObject>;
  /** The `data` of a ControllerRevision: the copy of an instancetype or preference that a VM was given. */
  controllerRevision(namespace: string, name: string): Lookup<JsonObject>;
  kubeVirt(): Lookup<KubeVirt>;
  nodes(): Lookup<readonly Node[]>;
  namespaceLabels(name: string): Lookup<JsonObject>;
}
