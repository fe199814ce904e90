import type { JsonObject } from '../../src/core/json.ts';

/** A VMI that every rule accepts, with members of its spec replaced. */
export function goodVmi(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'vm', namespace: 'nfv', ...metadata },
    spec: {
      nodeSelector: { 'network.operator.openshift.io/external-openvswitch': '' },
      domain: {
        machine: { type: 'q35' },
        cpu: { cores: 2, dedicatedCpuPlacement: true, numa: { guestMappingPassthrough: {} } },
        memory: { guest: '2Gi', hugepages: { pageSize: '1Gi' } },
        devices: { interfaces: [{ name: 'dpdk', binding: { name: 'vhostuser' } }] },
      },
      networks: [{ name: 'dpdk', multus: { networkName: 'ovs-net' } }],
      ...spec,
    },
  };
}

/** The same without the hugepages that VHG101 asks for. */
export function vmiWithoutHugepages(metadata: JsonObject = {}): JsonObject {
  const domain = goodVmi()['spec'] as { readonly domain: JsonObject };
  return goodVmi({ domain: { ...domain.domain, memory: { guest: '2Gi' } } }, metadata);
}

/** The network and the KubeVirt object that `goodVmi` needs, so that no rule has to skip. */
export const CONTEXT: readonly JsonObject[] = [
  {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'ovs-net', namespace: 'nfv' },
    spec: {
      config: JSON.stringify({
        cniVersion: '0.3.1',
        type: 'userspace',
        kubeconfig: '/etc/cni/net.d/multus.d/multus.kubeconfig',
        host: {
          engine: 'ovs-dpdk',
          iftype: 'vhostuser',
          netType: 'bridge',
          vhost: { mode: 'client', group: 'hugetlbfs' },
          bridge: { bridgeName: 'br0' },
        },
      }),
    },
  },
  {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: 'kubevirt' },
    spec: { configuration: { network: { binding: { vhostuser: {} } } } },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker', labels: { 'network.operator.openshift.io/external-openvswitch': '' } },
    status: { allocatable: { cpu: '16', 'hugepages-1Gi': '16Gi', memory: '16Gi' } },
  },
];
