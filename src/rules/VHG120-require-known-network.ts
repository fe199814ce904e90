import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isNetworkName } from './network-name.ts';

export const requireKnownNetwork = defineRule({
  meta: {
    id: 'VHG120',
    name: 'require-known-network',
    title: 'Require an existing NetworkAttachmentDefinition behind every vhost-user NIC',
    why: `Since KubeVirt 1.9 nothing checks that the network exists before the virt-launcher pod starts: the pod then hangs in
\`ContainerCreating\` with an error of Multus, and the VM in \`Scheduling\`. Older releases never make the pod at all. A name that
Kubernetes does not allow can never exist.`,
    remedy:
      'Create the NetworkAttachmentDefinition, or set `networks[].multus.networkName` to the `NAME` or `NAMESPACE/NAME` of one that exists.',
    severity: 'error',
    targets: ['workload'],
    needs: ['networkAttachmentDefinition'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/network/multus/nad.go',
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-config/featuregate/feature-gates.go',
    ],
    falsePositives: 'A VM that is applied before its network is refused, although it would start once the network is there.',
    example: {
      file: 'virtual-machine.yaml',
      good: '            networkName: userspace-ovs-net-1\n',
      bad: '            networkName: userspace_ovs_net_1\n',
    },
  },
  *check({ vhostUserNics }) {
    for (const { name, multus } of vhostUserNics) {
      // VHG108 speaks about a network without a name.
      if (multus === undefined || multus.field.value === '') continue;
      const { path } = multus.field;
      if (!isNetworkName(multus))
        yield {
          path,
          message: `interface ${quote(name)} is on network ${quote(multus.field.value)}, which no object can be called: networkName must be NAME or NAMESPACE/NAME, in lower-case letters, digits and "-"`,
        };
      else if (multus.network.state === 'unknown') yield { path, unknown: multus.network.reason };
      else if (multus.network.state === 'absent')
        yield {
          path,
          message: `interface ${quote(name)} has no network to attach to: ${multus.network.reason}; create it or name another`,
        };
    }
  },
});
