import type { HostRoot } from './host-root.ts';
import { Processes } from './processes.ts';
import { baseNameOf, listenersIn } from './read-listeners.ts';

/** As the kernel cuts names to 15 characters: `qemu-system-x86`, `qemu-kvm`. */
const QEMU = /^(?:qemu|kvm)/;

interface Process {
  readonly pid: number;
  readonly name: string;
}

/** Which VMs listen on the sockets of ports. What it has learnt of a socket it does not look up again. */
export class Machines {
  readonly #root: HostRoot;
  #byInode = new Map<string, string>();

  constructor(root: HostRoot) {
    this.#root = root;
  }

  /** The names of the VMs behind those of the sockets that have one, as far as this user may know. */
  behind(sockets: readonly string[]): Map<string, string> {
    const bySocket = new Map<string, string>();
    const byInode = new Map<string, string>();
    const all = new Processes(this.#root);
    const host = all.hostNetwork;
    for (const [namespace, processes] of sockets.length === 0 ? [] : this.#machines(all))
      for (const [inode, socket] of this.#listeners(processes, wantedIn(sockets, namespace === host))) {
        const name = this.#byInode.get(inode) ?? this.#ownerOf(inode, processes);
        if (name === undefined) continue;
        byInode.set(inode, name);
        bySocket.set(socket, name);
      }
    this.#byInode = byInode;
    return bySocket;
  }

  /** QEMU's processes, by network namespace. */
  #machines(all: Processes): Map<string, Process[]> {
    const byNamespace = new Map<string, Process[]>();
    for (const pid of all.ids) {
      if (!QEMU.test(this.#read(pid, 'comm') ?? '')) continue;
      const namespace = all.networkOf(pid) ?? '';
      const name = nameIn(this.#read(pid, 'cmdline') ?? '', namespace !== all.hostNetwork);
      if (name !== undefined) byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), { pid, name }]);
    }
    return byNamespace;
  }

  /** The sockets that are listened on, by inode. */
  #listeners(processes: readonly Process[], wanted: ReadonlyMap<string, string>): Map<string, string> {
    const text = processes.map(({ pid }) => this.#read(pid, 'net/unix')).find((read) => read !== undefined) ?? '';
    const listeners = listenersIn(text).flatMap(({ inode, path }): [string, string][] => {
      const socket = wanted.get(path) ?? wanted.get(baseNameOf(path));
      return socket === undefined ? [] : [[inode, socket]];
    });
    return new Map(listeners);
  }

  #ownerOf(inode: string, processes: readonly Process[]): string | undefined {
    const link = `socket:[${inode}]`;
    return processes.find(({ pid }) => this.#descriptors(pid).includes(link))?.name;
  }

  #descriptors(pid: number): (string | undefined)[] {
    try {
      const names = this.#root.namesIfAny(`/proc/${pid}/fd`);
      return names.map((name) => this.#root.linkIfAny(`/proc/${pid}/fd/${name}`));
    } catch {
      // It is another user's.
      return [];
    }
  }

  #read(pid: number, file: string): string | undefined {
    try {
      return this.#root.textIfAny(`/proc/${pid}/${file}`);
    } catch {
      // It ended meanwhile, or is another user's.
      return undefined;
    }
  }
}

/** The sockets by what QEMU calls them: in a container the directory is another one. */
function wantedIn(sockets: readonly string[], isHost: boolean): Map<string, string> {
  return new Map(sockets.map((socket) => [isHost ? socket : baseNameOf(socket), socket]));
}

/** The name in QEMU's command line. KubeVirt's are `NAMESPACE_NAME`, and they run in containers. */
function nameIn(commandLine: string, isInContainer: boolean): string | undefined {
  const words = commandLine.split('\0');
  const value = words[words.indexOf('-name') + 1] ?? '';
  const [first = ''] = value.split(/,(?!,)/);
  const name = first.replace(/^guest=/, '');
  if (!words.includes('-name') || name === '') return undefined;
  return isInContainer ? name.replace('_', '/') : name;
}
