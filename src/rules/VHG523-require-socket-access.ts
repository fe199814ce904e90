import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsProcess } from '../kube/host-ovs.ts';
import { type Barrier, barrierTo, isUsablePath } from './socket-access.ts';

export const requireSocketAccess = defineRule({
  meta: {
    id: 'VHG523',
    name: 'require-socket-access',
    title: 'Require sockets that the user of OVS may connect to',
    why: `To connect takes the right to write to the socket, and to search (\`x\`) each directory on the way: the how-to's \`chmod g+r\` gives
neither. QEMU's socket is \`rwxrwxr-x\` under libvirt, so its group must be one of OVS's: by the setgid bit of its directory, by
\`host.vhost.group\` of the network, or by QEMU's primary group; a supplementary group does not suffice. OVS shows \`disconnected\` and no
error, and QEMU waits for ever.`,
    remedy: `\`chgrp hugetlbfs DIR && chmod 2775 DIR\` on the socket's directory and a restart of the VM; \`chgrp hugetlbfs SOCKET && chmod g+w SOCKET\`
connects it at once.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://man7.org/linux/man-pages/man7/unix.7.html',
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
      'https://github.com/openvswitch/ovs/blob/main/rhel/README.RHEL.rst',
    ],
    falsePositives: 'An access control list can grant what the mode does not show.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      file: { state: found, type: socket, mode: "0775", uid: 107, gid: 801 }\n      directories: []\n',
      bad: '      file: { state: found, type: socket, mode: "0755", uid: 107, gid: 801 }\n      directories: []\n',
    },
  },
  *check({ vhostSockets, ovs: { vswitchd } }) {
    const sockets = vhostSockets.filter(({ path }) => isUsablePath(path));
    if (sockets.length === 0) return;
    if (isUnread(vswitchd)) return yield vswitchd;
    for (const socket of sockets) {
      const barrier = barrierTo(socket, vswitchd.value);
      if (barrier !== undefined)
        yield { path: socket.field.get('file').path, message: describe(barrier, vswitchd.value, socket.interface) };
    }
  },
});

function describe({ right, path, file }: Barrier, { uid, groups }: OvsProcess, port: string): string {
  const mode = file.mode.toString(8).padStart(4, '0');
  const owner = `mode ${mode}, owner ${file.uid}:${file.gid}`;
  const who = `OVS (user ${uid}, groups ${groups.join(', ')})`;
  const change = right === 'write' ? 'give its group to one of those and chmod g+w' : 'chmod g+x it for one of those groups';
  return `${who} may not ${right === 'write' ? 'connect to' : 'pass through'} ${quote(path)} (${owner}) for port ${quote(port)}: ${change}`;
}
