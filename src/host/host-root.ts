import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, join, posix } from 'node:path';
import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';

/** No file of `/proc` or `/sys` that is read is larger: cpuinfo of 1024 CPUs has 2 MiB. */
const LARGEST_BYTES = 8 * 1024 * 1024;

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** PATH_MAX in the kernel's `include/uapi/linux/limits.h`. */
const LONGEST_PATH = 4096;

/**
 * A host's files as seen from `directory`, where its root is: `/` on the host itself, a mount in a container, a captured tree.
 * Links are followed as the host would follow them, so that an absolute one does not lead out of the tree.
 */
export class HostRoot {
  readonly #directory: string;
  /** Where directories are once their links are followed: hundreds of paths lie in the same few. Forgotten before anything else happens. */
  readonly #followed = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The path under which this process finds the host's absolute `path`. @throws the system's error where it cannot be looked up */
  locate(path: string): string {
    if (this.#directory === '/') return path;
    if (path.length > LONGEST_PATH) throw new AppError('INPUT_UNREADABLE', `a path has at most ${LONGEST_PATH} characters`);
    return join(this.#directory, this.#withoutLinks(path.startsWith('/') ? path : `/${path}`));
  }

  /** All of a text file, without the line end. @throws the system's error; AppError INPUT_UNREADABLE when it is no file, or too large */
  text(path: string): string {
    // Without waiting for a writer, where it turns out to be a pipe.
    const descriptor = openSync(this.locate(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      if (!fstatSync(descriptor).isFile()) throw new AppError('INPUT_UNREADABLE', `${path} is not a file`);
      return readAll(descriptor, path).replace(/\n$/, '');
    } finally {
      closeSync(descriptor);
    }
  }

  /** As `text`; `undefined` when there is no such file. */
  textIfAny(path: string): string | undefined {
    return ifAny(() => this.text(path));
  }

  /** The names in a directory, sorted. @throws the system's error */
  names(path: string): string[] {
    return readdirSync(this.locate(path)).sort();
  }

  /** What is in a directory, links not followed. @throws the system's error */
  entries(path: string): Dirent[] {
    return readdirSync(this.locate(path), { withFileTypes: true });
  }

  /** As `names`; none when there is no such directory. */
  namesIfAny(path: string): string[] {
    return ifAny(() => this.names(path)) ?? [];
  }

  /** What a link says, as it says it; `undefined` when there is no such link. */
  linkIfAny(path: string): string | undefined {
    return ifAny(() => readlinkSync(join(this.locate(posix.dirname(path)), basename(path))));
  }

  /** What is at the end of all links; `undefined` when nothing is. */
  stat(path: string): Stats | undefined {
    return ifAny(() => statSync(this.locate(path)));
  }

  /** Each part is followed before the next: `..` leaves the directory that a link led to. */
  #withoutLinks(path: string): string {
    const directory = posix.dirname(path);
    let followed = directory === '/' ? directory : this.#followed.get(directory);
    if (followed === undefined) {
      followed = this.#withoutLinks(directory);
      if (this.#followed.size === 0) setImmediate(() => this.#followed.clear());
      this.#followed.set(directory, followed);
    }
    return this.#follow(followed, posix.basename(path));
  }

  #follow(directory: string, name: string): string {
    let resolved = directory;
    let links = 0;
    const rest = [name];
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      const next = posix.join(resolved, part);
      const target = next === '/' ? undefined : linkTarget(join(this.#directory, next));
      if (target === undefined) {
        resolved = next;
        continue;
      }
      if (++links > MOST_LINKS)
        throw new AppError('INPUT_UNREADABLE', `too many links on the way to ${quote(posix.join(directory, name))}`);
      rest.unshift(...target.split('/'));
      if (target.startsWith('/')) resolved = '/';
    }
    return resolved;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    // Asked first, as nearly nothing is a link: each error would cost as much as ten answers.
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
  } catch {
    // Not to be looked at: whoever opens it learns why.
    return undefined;
  }
}

/** Most files are smaller, and there are thousands of them. */
const chunk = Buffer.alloc(64 * 1024);

/** Files of `/proc` and `/sys` say that they have no bytes, or a page of them, whatever they hold. */
function readAll(descriptor: number, path: string): string {
  const chunks: Buffer[] = [];
  let total = 0;
  for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
    total += count;
    if (total > LARGEST_BYTES) throw new AppError('INPUT_UNREADABLE', `${path} is larger than ${LARGEST_BYTES} bytes`);
    chunks.push(Buffer.from(chunk.subarray(0, count)));
  }
  return Buffer.concat(chunks).toString();
}

const NOTHING_THERE = new Set(['ENOENT', 'ENOTDIR']);

function ifAny<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (NOTHING_THERE.has(code)) return undefined;
    throw thrown;
  }
}
