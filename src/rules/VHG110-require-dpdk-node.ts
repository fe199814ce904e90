import { defineRule } from '../engine/rule.ts';
import { isPlaced } from './placement.ts';

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
    const wanted = `nodeSelector ${JSON.stringify(placement.label)}: ${JSON.stringify(placement.value)}`;
    const other = written.get(placement.label);
    const message = `the VM may be scheduled onto a node without OVS-DPDK: set ${wanted}`;
    if (other.isSet) yield { path: other.path, message: `${message} (it is ${JSON.stringify(other.value)}, which no such node has)` };
    else if (nodeSelector.state === 'set' && !written.isSet)
      yield { path: nodeSelector.path, message: `${message} in the instancetype, whose nodeSelector the VM may not repeat` };
    else
      yield {
        path: written.path,
        message,
        fix: {
          title: `add ${wanted}`,
          safety: 'safe',
          edits: [{ op: 'set', path: [...written.path, placement.label], value: placement.value }],
        },
      };
  },
});
