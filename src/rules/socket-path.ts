import type { Settings } from '../core/settings.ts';
import type { Network } from '../kube/network.ts';

/** Longest path of a Unix socket in bytes: `sun_path` has 108, the last of which ends the string. */
export const SOCKET_PATH_BYTES = 107;

/** The directory in which the userspace CNI makes short names for the emptyDirs of pods, and which it takes for mounts of its own. */
export const MOUNT_BASE = '/var/lib/vhost_sockets';

/** How much of a container's id the userspace CNI uses in names, as a stand-in of that length. */
export const CONTAINER_ID = '0'.repeat(12);

/** As long as KubeVirt's names: `pod` and 11 hexadecimal digits of a hash. @see kubevirt pkg/network/namescheme */
export const KUBEVIRT_INTERFACE = `pod${'0'.repeat(11)}`;

/**
 * An emptyDir always has a path of 101 bytes, so the CNI always mounts it at the short one, which ends in a pod's uid.
 *
 * @see https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go getShortSharedDir
 */
export const EMPTY_DIR_SOCKETS = `${MOUNT_BASE}/${'0'.repeat(36)}`;

/** Where the sockets of a pod lie with the volume that the settings ask for. */
export function configuredDirectory({ volume }: Settings['socket']): string {
  return 'hostPath' in volume ? volume.hostPath : EMPTY_DIR_SOCKETS;
}

/** The file name that the network sets for its sockets, if any. */
export function customSocketFile({ userspace }: Pick<Network, 'userspace'>): string | undefined {
  const file = userspace?.getFold('host').getFold('vhost').getFold('socketfile').value;
  return typeof file === 'string' && file !== '' ? file : undefined;
}

/** The socket's file name where the network sets none, with a stand-in for the container's id. */
export function defaultSocketFile(interfaceName: string): string {
  return `${CONTAINER_ID}-${interfaceName}`;
}

/** The length of a path in bytes of UTF-8, which is what the kernel counts. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** `parts` joined and cleaned as Go's path.Join does: no empty, `.` or `..` element is left in an absolute path. */
export function joinPath(...parts: readonly string[]): string {
  const elements: string[] = [];
  for (const element of parts.join('/').split('/')) {
    if (element === '..') elements.pop();
    else if (element !== '' && element !== '.') elements.push(element);
  }
  return `/${elements.join('/')}`;
}

/** True for `directory` itself and for everything below it. */
export function isWithin(path: string, directory: string): boolean {
  return path.startsWith(directory) && (path.length === directory.length || path[directory.length] === '/');
}
