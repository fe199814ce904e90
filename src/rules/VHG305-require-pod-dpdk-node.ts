import { isObject, quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isPlaced } from './placement.ts';

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
    if (selector.isSet && !isObject(selector.value)) {
      selector.reject('a mapping');
      return;
    }
    if (isPlaced(selector.object(), spec.get('affinity'), placement)) return;
    const wanted = `nodeSelector ${quote(placement.label)}: ${quote(placement.value)}`;
    const message = `the pod may be scheduled onto a node without OVS-DPDK: set ${wanted}`;
    const other = selector.get(placement.label);
    if (other.isSet) yield { path: other.path, message: `${message} (it is ${quote(other.value)}, which no such node has)` };
    else
      yield {
        path: selector.path,
        message,
        fix: {
          title: `add ${wanted}`,
          safety: 'safe',
          edits: [{ op: 'set', path: [...selector.path, placement.label], value: placement.value }],
        },
      };
  },
});
