import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import {
  byteLength,
  CONTAINER_ID,
  configuredDirectory,
  customSocketFile,
  defaultSocketFile,
  joinPath,
  KUBEVIRT_INTERFACE,
  SOCKET_PATH_BYTES,
} from './socket-path.ts';

export const requireShortSocketPath = defineRule({
  meta: {
    id: 'VHG207',
    name: 'require-short-socket-path',
    title: 'Require names that leave the socket path within 107 bytes',
    why: `A Unix socket's path holds at most 107 bytes. KubeVirt's interface names have 14 characters since 1.0, so the file name takes 27
and the CNI's subdirectory for the container 13. OVS cuts a longer path off without an error and tries for ever to connect to a file
that does not exist, while QEMU refuses to start or waits; neither shows in the VM or in OVSDB.`,
    remedy:
      'Shorten `sharedDir`, or leave it out and let the pod bring its `shared-dir` volume; shorten `host.vhost.socketfile` or leave it out.',
    severity: 'error',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/pull/3208',
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/annotations/annotations.go',
      'https://man7.org/linux/man-pages/man7/unix.7.html',
    ],
    falsePositives: 'A `sharedDir` counts only for pods without a `shared-dir` volume, which other webhooks may add.',
    example: {
      file: 'network-default.yaml',
      good: '      "logFile": "/var/log/userspace-ovs-net-1-cni.log",\n',
      bad: '      "sharedDir": "/var/lib/kubernetes/network-functions/openvswitch/dpdk/vhost/sockets",\n',
    },
  },
  *check(network, { settings }) {
    const { userspace, isVhostUser } = network;
    if (userspace === undefined || !isVhostUser) return;
    const custom = customSocketFile(network);
    const longestName = SOCKET_PATH_BYTES - byteLength(joinPath(configuredDirectory(settings.socket))) - 1;
    if (custom !== undefined && byteLength(custom) > longestName) {
      const { path } = userspace.getFold('host').getFold('vhost').getFold('socketfile');
      yield {
        path,
        message: `the socket path would be longer than ${SOCKET_PATH_BYTES} bytes: shorten socketfile to at most ${longestName} bytes or leave it out`,
      };
      return;
    }
    const shared = userspace.getFold('sharedDir');
    const directory = shared.string() ?? '';
    if (directory === '') return;
    const socket = joinPath(directory, CONTAINER_ID, custom ?? defaultSocketFile(KUBEVIRT_INTERFACE));
    const excess = byteLength(socket) - SOCKET_PATH_BYTES;
    if (excess <= 0) return;
    yield {
      path: shared.path,
      message: `sharedDir ${quote(directory)} makes the socket path ${byteLength(socket)} bytes long: shorten it by ${excess}, to at most ${byteLength(joinPath(directory)) - excess} bytes`,
    };
  },
});
