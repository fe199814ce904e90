import { posix } from 'node:path';
import { compareText } from '../core/compare-text.ts';
import { readContexts, readFile, typeOf } from './file-facts.ts';
import type { HostRoot } from './host-root.ts';
import type { FileFacts, HostSnapshot, KernelFacts, SocketDirectory, VhostSocket } from './host-snapshot.ts';
import { type Known, known } from './known.ts';
import type { OvsInterface } from './ovs-facts.ts';
import type { Processes } from './processes.ts';
import { isListening, readListeners } from './read-listeners.ts';

const MOST_ENTRIES = 1000;

type Sockets = Pick<HostSnapshot['spec'], 'vhostSockets' | 'socketDirectories'>;

/** The sockets that OVS is to connect to, and their directories with those that the user named. */
export function readSockets(
  root: HostRoot,
  processes: Processes,
  {
    interfaces,
    directories,
    selinux,
  }: Pick<KernelFacts, 'selinux'> & {
    readonly interfaces: readonly OvsInterface[];
    readonly directories: readonly string[];
  },
): Sockets {
  const ports = interfaces.flatMap(({ name, type, options }) => {
    const path = options['vhost-server-path'];
    return type === 'dpdkvhostuserclient' && path !== undefined ? [{ name, path }] : [];
  });
  const absolute = ports.map(({ path }) => path).filter((path) => path.startsWith('/'));
  const allDirectories = [...new Set([...directories, ...absolute.map(posix.dirname)])].sort(compareText);
  const paths = new Set([...absolute, ...allDirectories.flatMap((path) => [...ancestorsOf(path), path])]);
  const lookAt = lookOnce(root, readContexts(root, selinux, [...paths]));
  const listeners = known(() => (absolute.length === 0 ? undefined : readListeners(root, processes)));
  return {
    vhostSockets: ports.map(({ name, path }): VhostSocket => {
      const socket = { interface: name, path, pathBytes: Buffer.byteLength(path) };
      if (!path.startsWith('/') || listeners === undefined)
        return { ...socket, file: RELATIVE, directories: RELATIVE, isListening: RELATIVE };
      return {
        ...socket,
        file: lookAt(path),
        directories: known(() => directoriesTo(path, lookAt)),
        isListening: 'unknown' in listeners ? listeners : isListening(listeners, path),
      };
    }),
    socketDirectories: allDirectories.map((path) => readDirectory(root, path, lookAt)),
  };
}

type Look = (path: string) => Known<FileFacts>;

/** What is at a path, looked at the first time only: the sockets lie in the same few directories. */
function lookOnce(root: HostRoot, contexts: ReadonlyMap<string, string>): Look {
  const seen = new Map<string, Known<FileFacts>>();
  return (path) => {
    const file = seen.get(path) ?? readFile(root, path, contexts);
    seen.set(path, file);
    return file;
  };
}

const RELATIVE = { unknown: 'the path is relative to the directory in which vswitchd was started' };

/** The directories on the way to a path, from `/` on. */
function ancestorsOf(path: string): string[] {
  const ancestors = ['/'];
  let directory = '';
  for (const part of posix.dirname(path).split('/')) {
    if (part === '') continue;
    directory += `/${part}`;
    ancestors.push(directory);
  }
  return ancestors;
}

/** As far as they are there. */
function directoriesTo(path: string, lookAt: Look) {
  const directories = [];
  for (const directory of ancestorsOf(path)) {
    const file = lookAt(directory);
    directories.push({ path: directory, file });
    if ('unknown' in file || file.state === 'absent') break;
  }
  return directories;
}

function readDirectory(root: HostRoot, path: string, lookAt: Look): SocketDirectory {
  return {
    path,
    file: lookAt(path),
    entries: known(() => {
      const entries = root.entries(path).map((entry) => ({ name: entry.name, type: typeOf(entry) }));
      const others = entries.filter(({ type }) => type !== 'socket');
      const sockets = entries.filter(({ type }) => type === 'socket');
      return [...others, ...sockets].slice(0, MOST_ENTRIES).sort((a, b) => compareText(a.name, b.name));
    }),
  };
}
