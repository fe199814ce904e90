import { spawnSync } from 'node:child_process';
import type { Dirent, Stats } from 'node:fs';
import type { HostRoot } from './host-root.ts';
import type { FileFacts, KernelFacts } from './host-snapshot.ts';
import { type Known, known } from './known.ts';

/** What is at an absolute path of the host, links followed. */
export function readFile(root: HostRoot, path: string, contexts: ReadonlyMap<string, string>): Known<FileFacts> {
  return known(() => {
    const stats = root.stat(path);
    if (stats === undefined) return { state: 'absent' };
    const context = contexts.size === 0 ? undefined : contexts.get(root.locate(path));
    return {
      state: 'found',
      type: typeOf(stats),
      mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
      uid: stats.uid,
      gid: stats.gid,
      ...(context === undefined ? {} : { context }),
    };
  });
}

/** The type of a file, or of a directory's entry. */
export function typeOf(file: Stats | Dirent): 'socket' | 'file' | 'directory' | 'other' {
  if (file.isSocket()) return 'socket';
  if (file.isDirectory()) return 'directory';
  return file.isFile() ? 'file' : 'other';
}

/** What SELinux does on a host. A kernel without it has no file that says so. @throws the system's error */
export function readSelinux(root: HostRoot): 'enforcing' | 'permissive' | 'disabled' {
  const enforce = root.textIfAny('/sys/fs/selinux/enforce');
  if (enforce === undefined) return 'disabled';
  return enforce === '1' ? 'enforcing' : 'permissive';
}

const LONGEST_MS = 2000;

/** The SELinux contexts of those of the host's paths that have one, by located path. Node has no call for extended attributes. */
export function readContexts(root: HostRoot, selinux: KernelFacts['selinux'], paths: readonly string[]): ReadonlyMap<string, string> {
  if (selinux === 'disabled' || paths.length === 0) return new Map();
  const located = paths.map((path) => known(() => root.locate(path))).filter((path) => typeof path === 'string');
  const { stdout } = spawnSync('stat', ['--dereference', '--format=%C %n', '--', ...located], { encoding: 'utf8', timeout: LONGEST_MS });
  const lines = (stdout ?? '').split('\n').map((line) => /^(\S+:\S+) (.*)$/.exec(line));
  return new Map(lines.flatMap((line) => (line === null ? [] : [[line[2] ?? '', line[1] ?? '']])));
}
