import type { Resource } from '../cluster/resources.ts';
import { apiVersionOf } from '../cluster/resources.ts';
import { valueAt } from '../core/path.ts';
import type { Subject } from '../core/subject.ts';
import type { VersionedResource } from './served-versions.ts';

const KUBEVIRT = { group: 'kubevirt.io', version: 'v1' };

/** The kinds that are scanned: what a user writes, what KubeVirt makes of it, and the networks. */
export const SCANNED: readonly VersionedResource[] = [
  { group: 'k8s.cni.cncf.io', version: 'v1', kind: 'NetworkAttachmentDefinition', plural: 'network-attachment-definitions' },
  { ...KUBEVIRT, kind: 'VirtualMachine', plural: 'virtualmachines' },
  { ...KUBEVIRT, kind: 'VirtualMachineInstance', plural: 'virtualmachineinstances' },
  { ...KUBEVIRT, kind: 'VirtualMachineInstanceReplicaSet', plural: 'virtualmachineinstancereplicasets' },
  {
    group: 'pool.kubevirt.io',
    version: 'v1beta1',
    kind: 'VirtualMachinePool',
    plural: 'virtualmachinepools',
    olderVersions: ['v1alpha1'],
  },
  { group: '', version: 'v1', kind: 'Pod', plural: 'pods', labelSelector: 'kubevirt.io=virt-launcher' },
];

const RESOURCE_OF_KIND = new Map(SCANNED.map((resource) => [resource.kind, resource]));

/** What tells a subject from all others, without its object: `Kind namespace/name`. */
export type SubjectKey = string;

/** Which object a key names. */
export interface KeyedSubject {
  readonly resource: VersionedResource;
  readonly namespace: string;
  readonly name: string;
}

export function keyOfSubject({ kind, namespace, name }: Pick<Subject, 'kind' | 'namespace' | 'name'>): SubjectKey {
  return `${kind} ${namespace}/${name}`;
}

/** The object that a key names; `undefined` for a kind that is not scanned. */
export function readKey(key: SubjectKey): KeyedSubject | undefined {
  const [, kind = '', namespace = '', name = ''] = /^(\S*) ([^/]*)\/(.*)$/s.exec(key) ?? [];
  const resource = RESOURCE_OF_KIND.get(kind);
  return resource === undefined ? undefined : { resource, namespace, name };
}

/** The path below the API server's URL of the objects of a namespace, or of one of them. */
export function pathOf(resource: Resource, namespace: string, name?: string): string {
  const parent = `${resource.group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}/namespaces/${encodeURIComponent(namespace)}/${resource.plural}`;
  return name === undefined ? parent : `${parent}/${encodeURIComponent(name)}`;
}

/** True for a pod that will never run again: what it lacked harms nobody, and KubeVirt leaves it after a migration. */
export function isFinished({ kind, object }: Subject): boolean {
  const phase = kind === 'Pod' ? valueAt(object, ['status', 'phase']) : undefined;
  return phase === 'Succeeded' || phase === 'Failed';
}
