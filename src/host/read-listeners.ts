import type { HostRoot } from './host-root.ts';
import type { Known } from './known.ts';
import type { Processes } from './processes.ts';

/** The unix sockets that some process listens on. */
export interface Listeners {
  /** By path: bound where the host's own processes are. */
  readonly paths: ReadonlySet<string>;
  /** By file name: bound in another network namespace, which means in a container, where the path is another one. */
  readonly names: ReadonlySet<string>;
  /** Absent when these are all. Otherwise why there can be more. */
  readonly gap?: string;
}

/** Who listens on unix sockets, in all network namespaces of the host: each has a list of its own. */
export function readListeners(root: HostRoot, processes: Processes): Listeners {
  const { byNamespace, hidden } = groupProcesses(processes);
  const hostNamespace = processes.hostNetwork;
  const [paths, names] = [new Set<string>(), new Set<string>()];
  for (const [namespace, pids] of byNamespace)
    for (const path of listeningPaths(root, pids)) {
      if (namespace === hostNamespace) paths.add(path);
      else names.add(baseNameOf(path));
    }
  const gap = gapOf(root, hidden);
  return { paths, names, ...(gap === undefined ? {} : { gap }) };
}

/** The processes of each network namespace, and how many let nobody know theirs. */
function groupProcesses(processes: Processes): { readonly byNamespace: ReadonlyMap<string, number[]>; readonly hidden: number } {
  const byNamespace = new Map<string, number[]>();
  let hidden = 0;
  for (const pid of processes.ids) {
    const namespace = processes.networkOf(pid);
    const others = byNamespace.get(namespace ?? '');
    if (others !== undefined && namespace !== undefined) others.push(pid);
    else if (namespace !== undefined) byNamespace.set(namespace, [pid]);
    // The first process is in the host's own, whether or not it lets itself be looked at.
    else if (pid !== 1) hidden += 1;
  }
  return { byNamespace, hidden };
}

function gapOf(root: HostRoot, hidden: number): string | undefined {
  if (hidden > 0) return `this user may not look at ${hidden} processes`;
  // The kernel's own threads are in the host's process namespace only.
  return root.textIfAny('/proc/2/comm') === 'kthreadd' ? undefined : "the host's processes are not to be seen from this container";
}

/** Whether some process listens at `path`. */
export function isListening({ paths, names, gap }: Listeners, path: string): Known<boolean> {
  if (paths.has(path) || names.has(baseNameOf(path))) return true;
  return gap === undefined ? false : { unknown: gap };
}

/** __SO_ACCEPTCON in the kernel's `include/linux/net.h`: the socket listens. */
const LISTENS = 0x10000;

/** The list of a namespace, from the first of its processes that has not ended meanwhile. */
function listeningPaths(root: HostRoot, pids: readonly number[]): string[] {
  for (const pid of pids) {
    const text = readIfAlive(root, `/proc/${pid}/net/unix`);
    if (text !== undefined) return listenersIn(text).map(({ path }) => path);
  }
  return [];
}

/** The sockets in `/proc/PID/net/unix` that somebody listens on at a path. */
export function listenersIn(text: string): { readonly inode: string; readonly path: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, flags, inode, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+\s+(\d+) (\/.*)$/.exec(line) ?? [];
    if (flags === undefined || inode === undefined || path === undefined) return [];
    return (Number.parseInt(flags, 16) & LISTENS) === 0 ? [] : [{ inode, path }];
  });
}

/** The last part of a path, which is the same in a container. */
export function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function readIfAlive(root: HostRoot, path: string): string | undefined {
  try {
    return root.textIfAny(path);
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
