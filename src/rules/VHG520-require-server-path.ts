import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsInterface } from '../kube/host-ovs.ts';
import { CLIENT_PORT } from './live-ovs.ts';
import { byteLength, SOCKET_PATH_BYTES } from './socket-path.ts';

export const requireServerPath = defineRule({
  meta: {
    id: 'VHG520',
    name: 'require-server-path',
    title: 'Require an absolute socket path of at most 107 bytes on each port',
    why: `OVS takes a \`dpdkvhostuserclient\` port without \`vhost-server-path\`, with a relative one and with one of any length, and sets no error.
Without a path it connects to nothing; a relative one begins where vswitchd was started; one of more than 107 bytes DPDK cuts off, and
connects to whatever has the shorter name.`,
    remedy: `\`ovs-vsctl del-port PORT\` and then, in a second command, \`ovs-vsctl add-port BRIDGE PORT -- set Interface PORT
type=dpdkvhostuserclient options:vhost-server-path=/PATH\`: a path that is changed on a port, or in one transaction, is not used.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
      'https://github.com/DPDK/dpdk/blob/main/lib/vhost/socket.c',
      'https://man7.org/linux/man-pages/man7/unix.7.html',
    ],
    falsePositives: 'A relative path is right where it fits the directory in which vswitchd was started.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        options: { vhost-server-path: /var/lib/vhost_sockets/pod-b/8d20e5b7a1c4-net1 }\n',
      bad: '        options: {}\n',
    },
  },
  *check({ ovs: { interfaces } }) {
    if (isUnread(interfaces)) return yield interfaces;
    for (const port of interfaces.value) {
      const fault = port.type === CLIENT_PORT ? faultOf(port) : undefined;
      if (fault !== undefined) yield { path: port.field.get('options').get('vhost-server-path').path, message: fault };
    }
  },
});

function faultOf({ name, options }: OvsInterface): string | undefined {
  const path = options.get('vhost-server-path');
  if (path === undefined || path === '')
    return `port ${quote(name)} has no vhost-server-path, so OVS connects to nothing: add the port with one`;
  if (!path.startsWith('/')) return `port ${quote(name)} has the relative path ${quote(path)}: set vhost-server-path to an absolute one`;
  const length = byteLength(path);
  if (length <= SOCKET_PATH_BYTES) return undefined;
  return `vhost-server-path of port ${quote(name)} has ${length} bytes, of which DPDK uses ${SOCKET_PATH_BYTES}: choose a shorter path`;
}
