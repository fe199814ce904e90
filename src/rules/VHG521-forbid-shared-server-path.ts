import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { CLIENT_PORT } from './live-ovs.ts';

export const forbidSharedServerPath = defineRule({
  meta: {
    id: 'VHG521',
    name: 'forbid-shared-server-path',
    title: 'Forbid two ports on the same socket',
    why: `QEMU's socket takes one connection. Of two ports with the same path one connects, and the other waits for ever without an error; which
of them it is can change with each restart of OVS or of the VM.`,
    remedy: '`ovs-vsctl del-port PORT` for the port that no VM uses: most often it was left behind by a pod that is gone.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/', 'https://www.qemu.org/docs/master/interop/vhost-user.html'],
    falsePositives: 'None known: no second connection is ever accepted.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        options: { vhost-server-path: /var/lib/vhost_sockets/pod-b/8d20e5b7a1c4-net1 }\n',
      bad: '        options: { vhost-server-path: /var/lib/vhost_sockets/pod-a/3f1a9c27b4e8-net1 }\n',
    },
  },
  *check({ ovs: { interfaces } }) {
    if (isUnread(interfaces)) return yield interfaces;
    const holders = new Map<string, string>();
    for (const { field, name, type, options } of interfaces.value) {
      const path = options.get('vhost-server-path');
      if (type !== CLIENT_PORT || path === undefined || path === '') continue;
      const holder = holders.get(path);
      if (holder === undefined) holders.set(path, name);
      else {
        const message = `ports ${quote(holder)} and ${quote(name)} have the same vhost-server-path: remove one of them`;
        yield { path: field.get('options').get('vhost-server-path').path, message };
      }
    }
  },
});
