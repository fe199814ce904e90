import type { HostRoot } from './host-root.ts';

/** The processes of a host as one look at `/proc` has them, for all who ask: there are thousands, and each costs as much as a file. */
export class Processes {
  readonly #root: HostRoot;
  #ids: readonly number[] | undefined;
  readonly #networks = new Map<number | 'self', string | undefined>();

  constructor(root: HostRoot) {
    this.#root = root;
  }

  /** Those that are to be seen, in ascending order. @throws the system's error */
  get ids(): readonly number[] {
    this.#ids ??= this.#root
      .entriesIfAny('/proc')
      .flatMap(({ name }) => (/^\d+$/.test(name) ? [Number(name)] : []))
      .sort((a, b) => a - b);
    return this.#ids;
  }

  /** A process's network namespace; `undefined` when the user may not know. A process that has ended has none, and hides nothing. */
  networkOf(pid: number | 'self'): string | undefined {
    if (!this.#networks.has(pid)) this.#networks.set(pid, this.#readNetwork(pid));
    return this.#networks.get(pid);
  }

  /** The network namespace of the host's own processes, as far as it can be told. */
  get hostNetwork(): string | undefined {
    return this.networkOf(1) ?? this.networkOf('self');
  }

  /** True where a process is known to have another network than the host has, which means that it is in a container. */
  isElsewhere(pid: number): boolean {
    const [own, host] = [this.networkOf(pid) ?? '', this.hostNetwork ?? ''];
    return own !== '' && host !== '' && own !== host;
  }

  /** The name that the kernel has for it, cut to 15 characters; `undefined` when it has ended. @throws the system's error */
  nameOf(pid: number): string | undefined {
    return this.#root.textIfAny(`/proc/${pid}/comm`);
  }

  #readNetwork(pid: number | 'self'): string | undefined {
    try {
      return this.#root.linkIfAny(`/proc/${pid}/ns/net`) ?? '';
    } catch {
      return undefined;
    }
  }
}
