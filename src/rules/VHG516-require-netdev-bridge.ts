import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { isDpdkPort } from './live-ovs.ts';

export const requireNetdevBridge = defineRule({
  meta: {
    id: 'VHG516',
    name: 'require-netdev-bridge',
    title: 'Require the netdev datapath on bridges with DPDK ports',
    why: `A bridge is of the kernel's datapath unless it is told otherwise, and that one has no DPDK: ports of its type do not open there.
\`ovs-vsctl\` ends with 0 even when the bridge could not be made.`,
    remedy: '`ovs-vsctl set Bridge br-dpdk0 datapath_type=netdev`, with the name of the bridge.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/howto/dpdk/',
      'https://www.openvswitch.org/support/dist-docs/ovs-vswitchd.conf.db.5.html',
    ],
    falsePositives: 'None known: no other datapath has DPDK ports.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      - { name: br-dpdk0, datapathType: netdev, ports:',
      bad: '      - { name: br-dpdk0, datapathType: system, ports:',
    },
  },
  *check({ ovs: { bridges, interfaces } }) {
    if (isUnread(bridges)) return yield bridges;
    if (isUnread(interfaces)) return yield interfaces;
    const dpdkPorts = new Set(interfaces.value.filter(isDpdkPort).map(({ name }) => name));
    for (const { name, datapathType, datapathField, ports } of bridges.value) {
      const port = ports.find((candidate) => dpdkPorts.has(candidate));
      if (port === undefined || datapathType === 'netdev') continue;
      const message = `bridge ${quote(name)} has the DPDK port ${quote(port)}, so its datapath_type must be "netdev", not ${quote(datapathType || 'system')}`;
      yield { path: datapathField.path, message };
    }
  },
});
