import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';

export const forbidServerPort = defineRule({
  meta: {
    id: 'VHG526',
    name: 'forbid-server-port',
    title: 'Forbid ports of which OVS is the server',
    why: `A \`dpdkvhostuser\` port makes its socket itself. After a restart of OVS its VMs keep running and stay cut off; after a crash the stale
socket keeps even the port from opening (\`Address already in use\`). The type is deprecated since OVS 2.8, its name may hold no \`/\`, and
its socket belongs to the user of OVS, so that QEMU may not connect.`,
    remedy: `Set \`host.vhost.mode\` of the network to \`client\` (VHG203) and restart the VMs; by hand \`ovs-vsctl del-port PORT\`, then \`ovs-vsctl add-port
BRIDGE PORT -- set Interface PORT type=dpdkvhostuserclient options:vhost-server-path=/PATH\`.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/', 'https://github.com/openvswitch/ovs/blob/main/NEWS'],
    falsePositives: 'Where OVS is never restarted under running VMs, such a port passes packets.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        type: dpdkvhostuserclient\n        options: { vhost-server-path: /var/lib/vhost_sockets/pod-b/8d20e5b7a1c4-net1 }\n',
      bad: '        type: dpdkvhostuser\n        options: {}\n',
    },
  },
  *check({ ovs: { interfaces } }) {
    if (isUnread(interfaces)) return yield interfaces;
    for (const { field, name, type } of interfaces.value) {
      if (type !== 'dpdkvhostuser') continue;
      const message = `OVS is the server of port ${quote(name)}, so a restart of OVS cuts its VM off: make it of type "dpdkvhostuserclient"`;
      yield { path: field.get('type').path, message };
    }
  },
});
