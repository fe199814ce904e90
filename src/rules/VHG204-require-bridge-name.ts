import { defineRule } from '../engine/rule.ts';
import { isMisshapen, ovsHostOf } from './ovs-host.ts';

export const requireBridgeName = defineRule({
  meta: {
    id: 'VHG204',
    name: 'require-bridge-name',
    title: 'Require the name of the OVS bridge',
    why: `Without a name the CNI uses \`br0\`, creates it when it is missing and deletes it with its last port. A VM on such a bridge of
its own is connected to the other VMs of that node and to nothing else: the physical DPDK port is on another bridge.`,
    remedy: 'Set `host.bridge.bridgeName` to the bridge that holds the physical port, for example `br-dpdk0`.',
    severity: 'warning',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go'],
    falsePositives: 'On nodes whose DPDK bridge is called br0 the default is the right one.',
    example: {
      file: 'network-default.yaml',
      good: '        "bridge": { "bridgeName": "br-dpdk0" }\n',
      bad: '        "bridge": {}\n',
    },
  },
  *check(network) {
    const bridge = ovsHostOf(network)?.getFold('bridge');
    if (bridge === undefined || isMisshapen(bridge)) return;
    const name = bridge.getFold('bridgeName');
    if (name.string() || (name.isSet && name.value !== '')) return;
    yield { path: name.path, message: 'the network names no OVS bridge, so the CNI uses "br0": set host.bridge.bridgeName' };
  },
});
