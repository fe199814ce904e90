import { defineRule } from '../engine/rule.ts';
import { demandPlacement, isPlaced } from './placement.ts';

export const requirePodDpdkNode = defineRule({
  meta: {
    id: 'VHG305',
    name: 'require-pod-dpdk-node',
    title: 'Require scheduling of the virt-launcher pod onto OVS-DPDK nodes',
    why: `The pod has the nodeSelector of its VM. VMs that were made before the rule VHG110 repaired them have none: each restart and each
migration may put them on a node without OVS-DPDK, where the CNI fails or the VM waits for a socket that nobody opens.`,
    remedy: `Set the \`nodeSelector\` to the label of your OVS-DPDK nodes (setting \`placement\`) in the VM. Admission adds it to new pods by
itself.`,
    severity: 'error',
    targets: ['pod'],
    needs: [],
    fix: 'safe',
    since: '0.1.0',
    sources: [
      'https://github.com/openshift/cluster-network-operator/pull/357',
      'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
    ],
    falsePositives: 'A cluster in which every node runs OVS-DPDK needs no selector: turn the rule off there.',
    example: {
      file: 'virt-launcher-pod.yaml',
      good: '    network.operator.openshift.io/external-openvswitch: ""\n',
      bad: '',
    },
  },
  *check({ spec }, { settings: { placement } }) {
    const selector = spec.get('nodeSelector');
    if (!isPlaced(selector.object(), spec.get('affinity'), placement)) yield* demandPlacement('pod', selector, placement);
  },
});
