import { defineRule } from '../engine/rule.ts';
import { demandPlacement, describePlacement, isPlaced } from './placement.ts';

export const requireDpdkNode = defineRule({
  meta: {
    id: 'VHG110',
    name: 'require-dpdk-node',
    title: 'Require scheduling onto OVS-DPDK nodes',
    why: `Only nodes prepared for it run OVS-DPDK. The scheduler does not know that a vhost-user NIC needs one: on any other node the CNI
fails, or the VM waits for a socket that nobody opens. Node affinity counts only when every term asks for the label, since one term is enough for the scheduler.`,
    remedy: 'Set the `nodeSelector` to the label of your OVS-DPDK nodes (setting `placement`). Admission adds it by itself.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'safe',
    since: '0.1.0',
    sources: [
      'https://github.com/openshift/cluster-network-operator/pull/357',
      'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
    ],
    falsePositives: 'A cluster in which every node runs OVS-DPDK needs no selector: turn the rule off there.',
    example: {
      file: 'virtual-machine.yaml',
      good: '      nodeSelector:\n        network.operator.openshift.io/external-openvswitch: ""\n',
      bad: '',
    },
  },
  *check({ machine, spec }, { settings: { placement } }) {
    const { nodeSelector } = machine;
    if (isPlaced(nodeSelector.state === 'set' ? nodeSelector.value : undefined, spec.get('affinity'), placement)) return;
    if (nodeSelector.state === 'unknown') {
      yield { path: nodeSelector.path, unknown: nodeSelector.reason };
      return;
    }
    const written = spec.get('nodeSelector');
    if (nodeSelector.state === 'set' && !written.isSet) {
      const wanted = describePlacement(placement);
      const message = `the VM may be scheduled onto a node without OVS-DPDK: set ${wanted} in the instancetype, whose nodeSelector the VM may not repeat`;
      yield { path: nodeSelector.path, message };
      return;
    }
    yield* demandPlacement('VM', written, placement);
  },
});
