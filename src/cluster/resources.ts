/** A kind that rules look up, and where an API server lists it. */
export interface Resource {
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly labelSelector?: string;
}

const INSTANCETYPE = { group: 'instancetype.kubevirt.io', version: 'v1beta1' };

/** All that rules look up of a cluster. */
export const RESOURCES: readonly Resource[] = [
  { group: 'k8s.cni.cncf.io', version: 'v1', kind: 'NetworkAttachmentDefinition', plural: 'network-attachment-definitions' },
  { group: 'kubevirt.io', version: 'v1', kind: 'KubeVirt', plural: 'kubevirts' },
  { ...INSTANCETYPE, kind: 'VirtualMachineClusterInstancetype', plural: 'virtualmachineclusterinstancetypes' },
  { ...INSTANCETYPE, kind: 'VirtualMachineClusterPreference', plural: 'virtualmachineclusterpreferences' },
  { ...INSTANCETYPE, kind: 'VirtualMachineInstancetype', plural: 'virtualmachineinstancetypes' },
  { ...INSTANCETYPE, kind: 'VirtualMachinePreference', plural: 'virtualmachinepreferences' },
  {
    group: 'apps',
    version: 'v1',
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    // KubeVirt labels its copies of instancetypes and preferences so. Its revisions of whole VMs, which hold passwords, have no such label.
    labelSelector: 'instancetype.kubevirt.io/object-kind',
  },
  { group: '', version: 'v1', kind: 'Node', plural: 'nodes' },
  { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces' },
];

/** The `apiVersion` of a resource's objects. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path below the API server's URL under which all namespaces' objects are listed. */
export function listPathOf(resource: Resource): string {
  return `${resource.group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}/${resource.plural}`;
}

/** True for what a CustomResourceDefinition brings, so that a cluster may lack it: only built-in groups have no dot. */
export function isCustom({ group }: Resource): boolean {
  return group.includes('.');
}

/** Says of which kind nothing is known, and the permission that is missing. */
export function describeMissingVerb({ group, kind, plural }: Resource, verb: 'list' | 'watch'): string {
  const where = group === '' ? 'the core API group' : `the API group ${JSON.stringify(group)}`;
  return `every ${kind} is unknown: the user's role lacks the verb "${verb}" on the resource ${JSON.stringify(plural)} in ${where}`;
}

/** Says of which kind there is nothing, for want of its CustomResourceDefinition. */
export function describeNotInstalled(resource: Resource): string {
  return `the cluster has no ${resource.kind}: ${resource.plural} of ${apiVersionOf(resource)} are not installed`;
}
