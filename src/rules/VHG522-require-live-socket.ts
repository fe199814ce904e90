import { quote } from '../core/json.ts';
import type { Unknown, Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { VhostSocket } from '../kube/host-socket.ts';
import { isUsablePath } from './socket-access.ts';

export const requireLiveSocket = defineRule({
  meta: {
    id: 'VHG522',
    name: 'require-live-socket',
    title: 'Require a socket on which QEMU listens behind each port',
    why: `When nothing is at the path, or a plain file, or the socket of a QEMU that was killed, the port shows \`disconnected\`, link down and no
error; the log has one line, at the first attempt only. OVS tries again each second for as long as the port is there.`,
    remedy: `Start the VM whose socket it is, or look in \`virsh domiflist\` (in its virt-launcher pod) for where it listens; remove a port that no VM
uses with \`ovs-vsctl del-port PORT\`.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
      'https://github.com/DPDK/dpdk/blob/main/lib/vhost/socket.c',
    ],
    falsePositives: 'Between the making of a port and the start of its VM, and while a VM restarts, nobody listens.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      directories: []\n      isListening: true\n',
      bad: '      directories: []\n      isListening: false\n',
    },
  },
  *check({ vhostSockets }) {
    for (const socket of vhostSockets) {
      const fault = isUsablePath(socket.path) ? faultOf(socket) : undefined;
      if (fault !== undefined) yield fault;
    }
  },
});

function faultOf({ field, interface: port, path: where, file, directories, isListening }: VhostSocket): Violation | Unknown | undefined {
  const { path } = field.get('file');
  if (isUnread(file)) return file;
  if (file.value.state === 'absent') {
    const missing = directories.find((directory) => !isUnread(directory.file) && directory.file.value.state === 'absent');
    const what = missing === undefined ? `there is no socket at ${quote(where)}` : `there is no directory ${quote(missing.path)}`;
    return { path, message: `${what}, to which port ${quote(port)} connects: start its VM, or remove the port` };
  }
  const { type } = file.value;
  if (type !== 'socket') {
    const kind = type === 'directory' ? 'a directory' : 'no socket';
    return { path, message: `what is at ${quote(where)} is ${kind}, and port ${quote(port)} needs one: remove it and restart the VM` };
  }
  if (isUnread(isListening)) return isListening;
  if (isListening.value) return undefined;
  const message = `nobody listens on ${quote(where)} (the QEMU that made it is gone): restart the VM of port ${quote(port)}`;
  return { path: field.get('isListening').path, message };
}
