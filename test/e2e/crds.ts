import type { JsonObject } from '../../src/core/json.ts';

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

/** A NIC as KubeVirt's own definition has it in this respect: what it does not know, such as `vhostuser`, is dropped. */
const INTERFACE = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    model: { type: 'string' },
    macAddress: { type: 'string' },
    ...Object.fromEntries(['bridge', 'masquerade', 'sriov'].map((method) => [method, ANYTHING])),
    binding: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  },
};

const VMI_SPEC = {
  ...ANYTHING,
  properties: {
    domain: {
      ...ANYTHING,
      properties: { devices: { ...ANYTHING, properties: { interfaces: { type: 'array', items: INTERFACE } } } },
    },
  },
};

const VM_SPEC = { ...ANYTHING, properties: { template: { ...ANYTHING, properties: { spec: VMI_SPEC } } } };
const POOL_SPEC = { ...ANYTHING, properties: { virtualMachineTemplate: { ...ANYTHING, properties: { spec: VM_SPEC } } } };

interface Definition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural?: string;
  readonly scope?: 'Cluster' | 'Namespaced';
  readonly spec?: object;
  readonly isScalable?: true;
}

const SCALE = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.labelSelector' };

const INSTANCETYPES = { group: 'instancetype.kubevirt.io', version: 'v1beta1' } as const;

const DEFINITIONS: readonly Definition[] = [
  { group: 'kubevirt.io', version: 'v1', kind: 'KubeVirt', plural: 'kubevirts' },
  { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachine', spec: VM_SPEC },
  { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachineInstance', spec: VMI_SPEC },
  { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachineInstanceReplicaSet', spec: VM_SPEC, isScalable: true },
  { group: 'pool.kubevirt.io', version: 'v1beta1', kind: 'VirtualMachinePool', spec: POOL_SPEC, isScalable: true },
  { ...INSTANCETYPES, kind: 'VirtualMachineInstancetype' },
  { ...INSTANCETYPES, kind: 'VirtualMachineClusterInstancetype', scope: 'Cluster' },
  { ...INSTANCETYPES, kind: 'VirtualMachinePreference' },
  { ...INSTANCETYPES, kind: 'VirtualMachineClusterPreference', scope: 'Cluster' },
  {
    group: 'k8s.cni.cncf.io',
    version: 'v1',
    kind: 'NetworkAttachmentDefinition',
    plural: 'network-attachment-definitions',
    spec: { type: 'object', properties: { config: { type: 'string' } } },
  },
];

/** The definitions of KubeVirt and Multus as far as admission looks at them: structural, so that unknown fields of a NIC are dropped. */
export const CUSTOM_RESOURCE_DEFINITIONS: readonly JsonObject[] = DEFINITIONS.map(definitionOf);

function definitionOf({
  group,
  version,
  kind,
  plural = `${kind.toLowerCase()}s`,
  scope = 'Namespaced',
  spec = ANYTHING,
  isScalable,
}: Definition): JsonObject {
  const subresources = { status: {}, ...(isScalable && { scale: SCALE }) };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status: ANYTHING } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema, subresources }],
    },
  };
}
