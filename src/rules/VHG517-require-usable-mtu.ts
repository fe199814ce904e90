import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { isDpdkPort } from './live-ovs.ts';

/** Smallest and largest in bytes: with Ethernet's header, checksum and two VLAN tags (26 bytes) a frame has at most 9728. */
const SMALLEST_MTU = 68;
const LARGEST_MTU = 9702;

export const requireUsableMtu = defineRule({
  meta: {
    id: 'VHG517',
    name: 'require-usable-mtu',
    title: 'Require an MTU that OVS takes for each DPDK port',
    why: `OVS's frames have at most 9728 bytes, of which 26 are not the MTU's: for an \`mtu_request\` above 9702 it writes \`unsupported MTU\`
into its log, sets no error, and keeps the MTU that the port had. Larger packets are then dropped.`,
    remedy: '`ovs-vsctl set Interface PORT mtu_request=9000`, or what the network uses, at most 9702.',
    severity: 'warning',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/jumbo-frames/',
      'https://github.com/openvswitch/ovs/blob/main/lib/netdev-dpdk.c',
    ],
    falsePositives: 'A port whose MTU was right before loses nothing.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        mtuRequest: 1500\n',
      bad: '        mtuRequest: 9728\n',
    },
  },
  *check({ ovs: { interfaces } }) {
    if (isUnread(interfaces)) return yield interfaces;
    for (const port of interfaces.value) {
      const { name, field, mtu, mtuRequest } = port;
      if (!isDpdkPort(port) || mtuRequest === undefined || (mtuRequest >= SMALLEST_MTU && mtuRequest <= LARGEST_MTU)) continue;
      const keeps = mtu === undefined || mtu === 0 ? '' : ` and keeps ${mtu}`;
      const message = `OVS refuses the mtu_request ${mtuRequest} of port ${quote(name)}${keeps}: set one between ${SMALLEST_MTU} and ${LARGEST_MTU}`;
      yield { path: field.get('mtuRequest').path, message };
    }
  },
});
