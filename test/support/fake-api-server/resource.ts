import { RESOURCES } from '../../../src/cluster/resources.ts';
import type { JsonObject } from '../../../src/core/json.ts';

/** A kind that the fake API server serves. */
export interface FakeResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** The openAPIV3Schema of its CustomResourceDefinition. Without one any object is kept as it is. */
  readonly schema?: JsonObject;
  /** True where the status is written by `…/status` alone. */
  readonly hasStatus?: boolean;
  /** Where the replicas are that `…/scale` is about; absent where there is no such subresource. */
  readonly replicasPath?: readonly string[];
}

const CLUSTER_WIDE = /^(Node|Namespace|VirtualMachineCluster(Instancetype|Preference))$/;

const BUILT_IN: readonly FakeResource[] = [
  { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true },
  { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true },
  { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true },
  { group: '', version: 'v1', plural: 'services', kind: 'Service', namespaced: true },
  { group: '', version: 'v1', plural: 'events', kind: 'Event', namespaced: true },
  { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event', namespaced: true },
  { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true },
  { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true },
  ...(['Mutating', 'Validating'] as const).map((kind) => ({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: `${kind.toLowerCase()}webhookconfigurations`,
    kind: `${kind}WebhookConfiguration`,
    namespaced: false,
  })),
];

const WORKLOADS: readonly FakeResource[] = [
  { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines', kind: 'VirtualMachine', namespaced: true },
  { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachineinstances', kind: 'VirtualMachineInstance', namespaced: true },
  {
    group: 'kubevirt.io',
    version: 'v1',
    plural: 'virtualmachineinstancereplicasets',
    kind: 'VirtualMachineInstanceReplicaSet',
    namespaced: true,
  },
  { group: 'pool.kubevirt.io', version: 'v1beta1', plural: 'virtualmachinepools', kind: 'VirtualMachinePool', namespaced: true },
];

/** What is served unless a test says otherwise: built-in kinds, Multus' and KubeVirt's. Policy reports are not installed. */
export const DEFAULT_RESOURCES: readonly FakeResource[] = [
  ...RESOURCES.map(({ group, version, plural, kind }) => ({ group, version, plural, kind, namespaced: !CLUSTER_WIDE.test(kind) })),
  ...BUILT_IN,
  ...WORKLOADS,
];

/** `group/version`, or the version alone in the core group. */
export function apiVersionOf({ group, version }: Pick<FakeResource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
