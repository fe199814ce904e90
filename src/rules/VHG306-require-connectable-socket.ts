import { quote } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import { defineRule } from '../engine/rule.ts';
import type { LauncherPod } from '../kube/launcher-pod.ts';
import type { Network } from '../kube/network.ts';
import { ovsHostOf } from './ovs-host.ts';
import { readSocketVolume } from './socket-volume.ts';

export const requireConnectableSocket = defineRule({
  meta: {
    id: 'VHG306',
    name: 'require-connectable-socket',
    title: 'Require a socket that an unprivileged OVS can connect to',
    why: `Connecting to a Unix socket needs write permission on it. libvirt has QEMU make it with mode 0775, so an OVS that runs as
\`openvswitch:hugetlbfs\` gets in only when the socket's group is its own. In an emptyDir the socket has the directory's group: the one
that the network's \`host.vhost.group\` set, else 107. Where it differs, QEMU waits for OVS for ever; only the log of vswitchd says why.`,
    remedy: `Set \`host.vhost.group\` of the network to the group of the OVS process (setting \`group.name\`), or let QEMU run in that group
(setting \`group.as: primary\`).`,
    severity: 'warning',
    targets: ['pod'],
    needs: ['networkAttachmentDefinition'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://man7.org/linux/man-pages/man7/unix.7.html',
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go',
      'https://github.com/openvswitch/ovs/blob/main/rhel/openvswitch-fedora.spec.in',
    ],
    falsePositives: 'An OVS that runs as root, or in another group than `group.name`, connects all the same: set `ovs.runsAs` or `group`.',
    example: {
      file: 'network.yaml',
      good: '        "vhost": { "mode": "client", "group": "hugetlbfs" },\n',
      bad: '        "vhost": { "mode": "client", "group": "qemu" },\n',
    },
  },
  *check(pod, { settings }) {
    if (settings.ovs.runsAs === 'root' || hasGroupOfOvs(pod, settings)) return;
    const { path } = pod.networksField;
    for (const { namespace, name, network } of pod.vhostUserNetworks) {
      if (network.state === 'unknown') yield { path, unknown: network.reason };
      if (network.state !== 'found' || isGroupSet(network.value, settings.group.name)) continue;
      yield {
        path,
        message: `an OVS that does not run as root cannot connect to the socket of network ${quote(`${namespace}/${name}`)}: set its host.vhost.group to ${quote(settings.group.name)}`,
        severity: settings.ovs.runsAs === 'unprivileged' ? 'error' : 'warning',
      };
      return;
    }
  },
});

/**
 * | socket directory | QEMU's groups | socket's group | OVS connects |
 * |---|---|---|---|
 * | hostPath, setgid | 107, member of OVS' group | OVS' | yes |
 * | hostPath, not setgid | 107, member of OVS' group or not | 107 | no |
 * | emptyDir, the network sets OVS' group | 107 | OVS' | yes |
 * | emptyDir, the network sets no group, or another | 107, member of OVS' group or not | 107 or the other | no |
 * | any | OVS' group is the primary one | OVS' | yes |
 *
 * Nothing in the API tells whether a hostPath is setgid, so hostPaths are not judged. kubelet makes an emptyDir setgid and gives it
 * the pod's fsGroup, which KubeVirt sets to 107.
 */
function hasGroupOfOvs({ spec, compute, socketVolume }: LauncherPod, { group, socket }: Settings): boolean {
  const source = socketVolume === undefined ? Object.keys(socket.volume)[0] : readSocketVolume(socketVolume).source;
  if (source !== 'emptyDir') return true;
  const context = spec.get('securityContext');
  const own = compute?.get('securityContext').get('runAsGroup');
  const primary = own?.isSet ? own : context.get('runAsGroup');
  return primary.value === group.gid || context.get('fsGroup').value === group.gid;
}

function isGroupSet(network: Network, group: string): boolean {
  const host = ovsHostOf(network);
  return host === undefined || host.getFold('vhost').getFold('group').value === group;
}
