import type { JsonObject } from '../../src/core/json.ts';
import { recorded, requestOf } from '../support/reviews.ts';

/** Where the scenarios put their objects. */
export const NAMESPACE = 'nfv';

const NETWORK_CONFIG = {
  cniVersion: '0.3.1',
  type: 'userspace',
  name: 'ovs-dpdk',
  kubeconfig: '/etc/cni/net.d/multus.d/multus.kubeconfig',
  host: {
    engine: 'ovs-dpdk',
    iftype: 'vhostuser',
    netType: 'bridge',
    vhost: { mode: 'client', group: 'hugetlbfs' },
    bridge: { bridgeName: 'br0' },
  },
  container: { engine: 'ovs-dpdk', iftype: 'vhostuser', netType: 'interface', vhost: { mode: 'server' } },
};

export function network(name = 'ovs-dpdk', config: object = {}): JsonObject {
  return {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name, namespace: NAMESPACE },
    spec: { config: JSON.stringify({ ...NETWORK_CONFIG, name, ...config }) },
  };
}

interface MachineParts {
  readonly memory?: object;
  readonly cpu?: object;
  readonly interfaces?: readonly object[];
  readonly networks?: readonly object[];
  readonly metadata?: object;
}

/** A VirtualMachine that passes once admission has repaired it: the node selector is left to that. */
export function machine(name: string, parts: MachineParts = {}): JsonObject {
  const {
    memory = { guest: '2Gi', hugepages: { pageSize: '1Gi' } },
    cpu = { cores: 2, dedicatedCpuPlacement: true },
    interfaces = [{ name: 'data', binding: { name: 'vhostuser' } }],
    networks = [{ name: 'data', multus: { networkName: 'ovs-dpdk' } }],
    metadata = {},
  } = parts;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: NAMESPACE, ...metadata },
    spec: {
      runStrategy: 'Halted',
      template: { spec: { domain: { machine: { type: 'q35' }, cpu, memory, devices: { interfaces } }, networks } },
    },
  };
}

/** A VM without a vhost-user NIC, which nothing of ours may touch. */
export function plainMachine(name: string): JsonObject {
  return machine(name, {
    memory: { guest: '1Gi' },
    cpu: { cores: 1 },
    interfaces: [{ name: 'default', masquerade: {} }],
    networks: [{ name: 'default', pod: {} }],
  });
}

/** Denied for its memory and its network. */
export function brokenMachine(name: string, metadata: object = {}): JsonObject {
  return machine(name, { memory: { guest: '2Gi' }, networks: [{ name: 'data', multus: { networkName: 'no-such-network' } }], metadata });
}

/** A VirtualMachineInstanceReplicaSet of what a VirtualMachine would run. */
export function replicaSet(name: string, { spec }: JsonObject): JsonObject {
  const { template } = spec as { readonly template: { readonly spec: object } };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceReplicaSet',
    metadata: { name, namespace: NAMESPACE },
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, ...template } },
  };
}

/** A VirtualMachinePool of VirtualMachines like this one. */
export function pool(name: string, { spec }: JsonObject): JsonObject {
  return {
    apiVersion: 'pool.kubevirt.io/v1beta1',
    kind: 'VirtualMachinePool',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      virtualMachineTemplate: { metadata: { labels: { app: name } }, spec },
    },
  };
}

/** A launcher pod as KubeVirt renders it, of a VM on `ovs-dpdk`. */
export function launcherPod(name: string): JsonObject {
  const { metadata, spec } = requestOf(recorded('11')).object as {
    metadata: { labels: object; annotations: Record<string, string> };
    spec: Record<string, unknown>;
  };
  const networks = JSON.stringify([{ name: 'ovs-dpdk', namespace: NAMESPACE, interface: 'pod37a8eec1ce1' }]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, 'k8s.v1.cni.cncf.io/networks': networks },
    },
    spec,
  };
}

/** The KubeVirt installation, with the binding plugin registered. */
export const KUBEVIRT: JsonObject = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'KubeVirt',
  metadata: { name: 'kubevirt', namespace: 'kubevirt' },
  spec: { configuration: { network: { binding: { vhostuser: {} } } } },
};

/** A node that runs OVS-DPDK and has room. */
export const NODE: JsonObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'worker-0',
    labels: { 'network.operator.openshift.io/external-openvswitch': '', 'kubernetes.io/hostname': 'worker-0' },
  },
};

export function namespace(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
