import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Host } from '../kube/host.ts';
import { type Fact, isUnread } from '../kube/host-fact.ts';
import type { OvsProcess } from '../kube/host-ovs.ts';
import type { HostFile, SocketDirectory } from '../kube/host-socket.ts';
import { isWithin, MOUNT_BASE } from './socket-path.ts';

const SETGID = 0o2000;

/** Types that the policy lets containers write to, or that are made for sockets of VMs. */
const LABELS = /^(?:container_file_t|svirt_sandbox_file_t|container_var_run_t|virt_var_run_t|openvswitch_var_run_t)$/;

export const requireSocketDirectory = defineRule({
  meta: {
    id: 'VHG527',
    name: 'require-socket-directory',
    title: 'Require a socket directory in which sockets get the group of OVS',
    why: `A socket that QEMU makes has QEMU's own group, which OVS as \`openvswitch:hugetlbfs\` may not connect to, unless the directory has the
group of OVS and the setgid bit. Under SELinux a directory without the label of containers keeps QEMU out. And the userspace CNI removes a
directory along with the last socket in it: the next pod then finds none, unless another file, such as the how-to's \`touched\`, keeps it.`,
    remedy:
      '`chgrp hugetlbfs DIR && chmod 2775 DIR && touch DIR/touched && chcon -t container_file_t DIR`, or a systemd-tmpfiles entry that does so.',
    severity: 'warning',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go',
      'https://github.com/openvswitch/ovs/blob/main/rhel/README.RHEL.rst',
      'https://man7.org/linux/man-pages/man7/inode.7.html',
    ],
    falsePositives: "With QEMU in the group of OVS as its primary one, and in the CNI's own directories, the setgid bit is not needed.",
    example: {
      file: 'host-snapshot.yaml',
      good: '      file: { state: found, type: directory, mode: "2775", uid: 0, gid: 801, context: "system_u:object_r:container_file_t:s0" }\n',
      bad: '      file: { state: found, type: directory, mode: "0775", uid: 0, gid: 801, context: "system_u:object_r:container_file_t:s0" }\n',
    },
  },
  *check(host) {
    for (const directory of host.socketDirectories) {
      const { path, file } = directory;
      if (isUnread(file)) yield file;
      else if (file.value.state === 'found') yield* judge(directory, file.value, host);
      else if (!isUsed(path, host))
        yield { path: directory.field.get('file').path, message: `there is no directory ${quote(path)}: make it` };
    }
  },
});

/** Of a directory with a port behind it, that port's own rules tell what is wrong. */
function isUsed(path: string, { vhostSockets }: Host): boolean {
  return vhostSockets.some((socket) => isWithin(socket.path, path));
}

function* judge(directory: SocketDirectory, file: Extract<HostFile, { state: 'found' }>, host: Host): Iterable<Violation> {
  const { path, field, entries } = directory;
  const at = field.get('file').path;
  if (file.type !== 'directory') return yield { path: at, message: `${quote(path)} must be a directory, and is something else` };
  const label = file.context?.split(':')[2];
  if (label !== undefined && isEnforcing(host.selinux) && !LABELS.test(label))
    yield {
      path: at,
      message: `${quote(path)} has the SELinux type ${quote(label)}, so QEMU's container may not use it: run chcon -t container_file_t`,
    };
  if (isWithin(path, MOUNT_BASE) || isWithin(path, '/var/lib/kubelet')) return;
  if (!isUsed(path, host) && isForeign(file, host.ovs.vswitchd))
    yield { path: at, message: `sockets in ${quote(path)} get a group that is none of OVS's: chgrp it to one of those and chmod 2775` };
  if (!isUnread(entries) && entries.value.every(({ type }) => type === 'socket'))
    yield {
      path: field.get('entries').path,
      message: `the CNI removes ${quote(path)} along with the last socket in it: touch a file there`,
    };
}

function isEnforcing(selinux: Fact<string>): boolean {
  return !isUnread(selinux) && selinux.value === 'enforcing';
}

/** True when what is made there gets a group that the process does not have. */
function isForeign({ mode, gid }: Extract<HostFile, { state: 'found' }>, vswitchd: Fact<OvsProcess>): boolean {
  if (isUnread(vswitchd) || vswitchd.value.overridesModes) return false;
  return (mode & SETGID) === 0 || !vswitchd.value.groups.includes(gid);
}
