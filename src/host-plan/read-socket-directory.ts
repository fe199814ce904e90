import { quote } from '../core/json.ts';
import type { Problems } from './problems.ts';

/** The example's directory: on a tmpfs, which systemd-tmpfiles fills at each boot. */
const DEFAULT_DIRECTORY = '/var/run/usrspcni';

/** Where the userspace CNI mounts pods' emptyDirs, and what it unmounts and removes again. */
const CNI_MOUNTS = '/var/lib/vhost_sockets';

/** Longest socket path that OVS uses whole, in bytes. */
const SOCKET_PATH_BYTES = 107;

/** What the CNI puts behind the directory: `/`, 12 digits of the container id, `/`, those again, `-`, and KubeVirt's interface name. */
const NAME_BYTES = 1 + 12 + 1 + 12 + 1 + 14;

/** The host directory that holds the sockets: absolute, out of the CNI's way, and short enough for what is put into it. */
export function readSocketDirectory(text: string | undefined, problems: Problems): string {
  const directory = (text ?? DEFAULT_DIRECTORY).replace(/\/+$/, '');
  const path = ['socketDirectory'];
  const shown = quote(text ?? DEFAULT_DIRECTORY);
  if (!/^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/.test(directory)) {
    problems.add(path, `the socket directory must be an absolute path of letters, digits, "_", "-" and ".", not ${shown}`);
  } else if (`${directory}/`.startsWith(`${CNI_MOUNTS}/`)) {
    problems.add(
      path,
      `the socket directory ${shown} is where the CNI keeps its own mounts, and removes them: use one outside ${CNI_MOUNTS}`,
    );
  } else if (directory.length + NAME_BYTES > SOCKET_PATH_BYTES) {
    const longest = SOCKET_PATH_BYTES - NAME_BYTES;
    problems.add(
      path,
      `the socket directory ${shown} must have at most ${longest} bytes: OVS cuts a socket path off at ${SOCKET_PATH_BYTES}`,
    );
  }
  return directory;
}
