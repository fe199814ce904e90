import { isUnread } from '../kube/host-fact.ts';
import type { OvsProcess } from '../kube/host-ovs.ts';
import type { HostFile, VhostSocket } from '../kube/host-socket.ts';
import { byteLength, SOCKET_PATH_BYTES } from './socket-path.ts';

/** True for a path that OVS uses as it is written; of the others VHG520 speaks. */
export function isUsablePath(path: string): boolean {
  return path.startsWith('/') && byteLength(path) <= SOCKET_PATH_BYTES;
}

/** The permission bits as in the last octal digit of a mode. */
const WRITE = 2;
const SEARCH = 1;

/** What keeps a process from connecting: the right that it lacks, on which file. */
export interface Barrier {
  readonly right: 'search' | 'write';
  readonly path: string;
  readonly file: Extract<HostFile, { state: 'found' }>;
}

/** Connecting needs the right to search each directory on the way, and to write to the socket. Files that are not known let pass. */
export function barrierTo(socket: VhostSocket, vswitchd: OvsProcess): Barrier | undefined {
  if (vswitchd.overridesModes) return undefined;
  for (const { path, file } of socket.directories) {
    if (isUnread(file) || file.value.state === 'absent') continue;
    if ((rightsOf(vswitchd, file.value) & SEARCH) === 0) return { right: 'search', path, file: file.value };
  }
  if (isUnread(socket.file) || socket.file.value.state === 'absent' || socket.file.value.type !== 'socket') return undefined;
  if ((rightsOf(vswitchd, socket.file.value) & WRITE) !== 0) return undefined;
  return { right: 'write', path: socket.path, file: socket.file.value };
}

/** The owner's bits are the owner's only ones, even where the group has more. */
function rightsOf({ uid, groups }: OvsProcess, file: Barrier['file']): number {
  if (uid === file.uid) return (file.mode >> 6) & 7;
  return groups.includes(file.gid) ? (file.mode >> 3) & 7 : file.mode & 7;
}
