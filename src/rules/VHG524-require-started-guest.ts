import { quote } from '../core/json.ts';
import type { Unknown, Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Host } from '../kube/host.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsInterface } from '../kube/host-ovs.ts';
import type { VhostSocket } from '../kube/host-socket.ts';
import { CLIENT_PORT, livePorts } from './live-ovs.ts';
import { barrierTo, isUsablePath } from './socket-access.ts';

export const requireStartedGuest = defineRule({
  meta: {
    id: 'VHG524',
    name: 'require-started-guest',
    title: 'Require guests that have started their NIC, over the path that the port names',
    why: `\`disconnected\` also means that the socket is connected and the guest has not started the device: it has no virtio driver, hangs in
its firmware, or its memory has no file descriptor that OVS could map, so that QEMU fell back to its own virtio. And a
\`vhost-server-path\` that is changed on a port is stored and not used: OVS stays with the socket it had, or waits for the one that the port was added with.`,
    remedy: `Look at the guest's console and driver, and give the VM hugepages (VHG101). After a changed path run \`ovs-vsctl del-port PORT\`, and in
a second command \`ovs-vsctl add-port\`.`,
    severity: 'warning',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
      'https://www.qemu.org/docs/master/interop/vhost-user.html',
      'https://github.com/openvswitch/ovs/blob/main/lib/netdev-dpdk.c',
    ],
    falsePositives: 'A guest that boots, or is halted in its boot loader, has not started its NIC yet.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        status: { mode: client, status: connected, numa: "1", num_of_vrings: "2" }\n',
      bad: '        status: { mode: client, status: disconnected }\n',
    },
  },
  *check(host) {
    const ports = livePorts(host);
    if (isUnread(ports)) return yield ports;
    const clients = ports.value.filter(({ type }) => type === CLIENT_PORT);
    const paths = clients.map(pathOf);
    // Of two ports with one path VHG521 speaks: whether the guest started its NIC shows only when one of them is gone.
    const alone = clients.filter((port) => paths.indexOf(pathOf(port)) === paths.lastIndexOf(pathOf(port)));
    for (const port of alone) if (!port.isUnopened) yield* judge(port, host);
  },
});

function pathOf({ options }: OvsInterface): string {
  return options.get('vhost-server-path') ?? '';
}

function* judge(port: OvsInterface, { vhostSockets, ovs: { vswitchd } }: Host): Iterable<Violation | Unknown> {
  const path = pathOf(port);
  if (!isUsablePath(path)) return;
  const used = port.status.get('socket');
  const state = port.status.get('status');
  if (state === 'connected' && used !== undefined && used !== path) yield describeOldPath(port, used, path);
  const socket = vhostSockets.find((candidate) => candidate.interface === port.name);
  if (state !== 'disconnected' || socket === undefined || !isAlive(socket)) return;
  if (isUnread(vswitchd)) yield vswitchd;
  else if (barrierTo(socket, vswitchd.value) === undefined) yield describeSilence(port, path);
}

function isAlive({ file, isListening }: VhostSocket): boolean {
  if (isUnread(file) || file.value.state === 'absent' || file.value.type !== 'socket') return false;
  return !isUnread(isListening) && isListening.value;
}

function describeOldPath({ name, field }: OvsInterface, used: string, path: string): Violation {
  const message = `port ${quote(name)} still uses ${quote(used)}, not ${quote(path)}: remove the port and add it again, in two commands`;
  return { path: field.get('options').get('vhost-server-path').path, message };
}

function describeSilence({ name, field, status }: OvsInterface, path: string): Violation {
  const at = field.get('status').get('status').path;
  if (status.get('mode') === 'server') {
    const message = `port ${quote(name)} was added without a path and does not use the one it got: remove the port and add it again, in two commands`;
    return { path: at, message };
  }
  // Nothing tells one cause from the other: of a path that OVS has never connected to, its status does not say which.
  const message = `QEMU listens on ${quote(path)}, and port ${quote(name)} has no guest that started its NIC: look at its driver; if the path was changed on the port, remove the port and add it again, in two commands`;
  return { path: at, message };
}
