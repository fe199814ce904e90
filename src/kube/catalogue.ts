import { Field } from '../core/field.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Lookup } from '../core/lookup.ts';
import type { CatalogueReference, Inventory } from './inventory.ts';

/** The instancetype or preference that a VM names: none named, what it says, or why that cannot be known. */
export type CatalogueEntry =
  | { readonly state: 'none' }
  | { readonly state: 'found'; readonly spec: Field; readonly reference: Field }
  | { readonly state: 'unknown'; readonly reason: string; readonly reference: Field };

/** What an object's VM gets from elsewhere. */
export interface Catalogue {
  readonly instancetype: CatalogueEntry;
  readonly preference: CatalogueEntry;
}

const NONE: CatalogueEntry = { state: 'none' };

/**
 * Finds a VM's instancetype and preference. A revision (the copy that KubeVirt gave the VM) goes before the live object.
 *
 * @param vmSpec the VM spec; `undefined` for kinds without one: KubeVirt shows a VMI expanded.
 * @param root the object, for its status.
 * @see https://kubevirt.io/user-guide/user_workloads/instancetypes/
 */
export function resolveCatalogue(vmSpec: Field | undefined, root: Field, namespace: string, inventory: Inventory): Catalogue {
  if (vmSpec === undefined) return { instancetype: NONE, preference: NONE };
  const resolve = (category: CatalogueReference['category']): CatalogueEntry =>
    resolveEntry(category, vmSpec.get(category), root.get('status').get(`${category}Ref`), namespace, inventory);
  return { instancetype: resolve('instancetype'), preference: resolve('preference') };
}

function resolveEntry(
  category: CatalogueReference['category'],
  reference: Field,
  statusReference: Field,
  namespace: string,
  inventory: Inventory,
): CatalogueEntry {
  if (!reference.isSet) return NONE;
  const revision = revisionName(reference, statusReference);
  if (revision !== undefined) return entryOf(fromRevision(inventory.controllerRevision(namespace, revision)), reference);
  const name = reference.get('name').string();
  if (name === undefined) {
    const reason = `the ${category} is inferred from ${reference.get('inferFromVolume').string() ?? 'a volume'}, so only the cluster knows it`;
    return { state: 'unknown', reason, reference };
  }
  const isClusterWide = /^virtualmachinecluster/i.test(reference.get('kind').string() ?? 'VirtualMachineCluster');
  return entryOf(inventory.catalogue({ category, isClusterWide, namespace, name }), reference);
}

/** A status that names another instancetype than the spec is of before the user's change. */
function revisionName(reference: Field, status: Field): string | undefined {
  const written = reference.get('revisionName').string();
  if (written !== undefined) return written;
  if (status.get('name').value !== reference.get('name').value) return undefined;
  return status.get('controllerRevisionRef').get('name').string();
}

function fromRevision(revision: Lookup<JsonObject>): Lookup<JsonObject> {
  if (revision.state !== 'found') return revision;
  const spec = revision.value['spec'];
  return isObject(spec) ? { state: 'found', value: spec } : { state: 'unknown', reason: 'the ControllerRevision holds no readable spec' };
}

function entryOf(lookup: Lookup<JsonObject>, reference: Field): CatalogueEntry {
  if (lookup.state !== 'found') return { state: 'unknown', reason: lookup.reason, reference };
  // A problem inside an instancetype is not a problem of the object that names it: its shape problems are dropped.
  return { state: 'found', spec: Field.root(lookup.value, [], reference.path), reference };
}
