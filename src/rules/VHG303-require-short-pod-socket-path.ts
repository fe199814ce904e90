import { quote } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import { defineRule } from '../engine/rule.ts';
import type { LauncherPod, PodNetwork } from '../kube/launcher-pod.ts';
import { byteLength, customSocketFile, defaultSocketFile, EMPTY_DIR_SOCKETS, joinPath, SOCKET_PATH_BYTES } from './socket-path.ts';
import { readSocketVolume } from './socket-volume.ts';

export const requireShortPodSocketPath = defineRule({
  meta: {
    id: 'VHG303',
    name: 'require-short-pod-socket-path',
    title: 'Require a pod directory that leaves the socket path within 107 bytes',
    why: `A Unix socket's path holds at most 107 bytes; OVS cuts off the rest without an error and tries for ever to connect to a file that
does not exist. The CNI shortens only emptyDirs, and counts 19 bytes for the file name, as long as \`net99\` was the longest interface name.
KubeVirt's hashed names make it 28 with the slash: a hostPath of 80 or more bytes overflows.`,
    remedy: 'Use an emptyDir, or a hostPath of at most 79 bytes; shorten or remove a `socketfile` of the network.',
    severity: 'error',
    targets: ['pod'],
    needs: ['networkAttachmentDefinition'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go',
      'https://github.com/kubevirt/kubevirt/pull/3208',
    ],
    falsePositives: 'None known; while the network is not known, the file name that the CNI makes by itself is assumed.',
    example: {
      file: 'virt-launcher-pod-hostpath.yaml',
      good: '        path: /var/run/usrspcni\n',
      bad: '        path: /var/lib/kubernetes/network-functions/openvswitch/dpdk/vhost/sockets/of-launchers\n',
    },
  },
  *check(pod) {
    const directory = directoryOf(pod);
    if (directory === undefined) return;
    const names = pod.vhostUserNetworks.map((network) => ({ network, nameBytes: byteLength(fileNameOf(network)) }));
    const longest = names.reduce((left, right) => (right.nameBytes > left.nameBytes ? right : left));
    const totalBytes = byteLength(directory.text) + 1 + longest.nameBytes;
    if (totalBytes <= SOCKET_PATH_BYTES) return;
    const { namespace, name } = longest.network;
    const excess = totalBytes - SOCKET_PATH_BYTES;
    const change = directory.isGiven
      ? `use an emptyDir, or a hostPath shorter by ${excess}`
      : `shorten the network's socketfile by ${excess}`;
    yield {
      path: directory.path,
      message: `the socket path of network ${quote(`${namespace}/${name}`)} would be ${totalBytes} bytes long, ${SOCKET_PATH_BYTES} is the limit: ${change}`,
    };
  },
});

interface Directory {
  readonly text: string;
  /** Whose value makes the path long: the volume's, or, for an emptyDir, that of the networks. */
  readonly path: Path;
  readonly isGiven: boolean;
}

/** Where the CNI puts the pod's sockets; `undefined` while the pod has no volume for them. */
function directoryOf({ socketVolume, networksField }: LauncherPod): Directory | undefined {
  if (socketVolume === undefined) return undefined;
  const volume = readSocketVolume(socketVolume);
  if (volume.source === 'emptyDir') return { text: EMPTY_DIR_SOCKETS, path: networksField.path, isGiven: false };
  if (volume.source !== 'hostPath') return undefined;
  const text = volume.path.string();
  return text === undefined ? undefined : { text: joinPath(text), path: volume.path.path, isGiven: true };
}

function fileNameOf({ network, interfaceName }: PodNetwork): string {
  return (network.state === 'found' ? customSocketFile(network.value) : undefined) ?? defaultSocketFile(interfaceName);
}
