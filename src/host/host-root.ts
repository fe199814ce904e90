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
import { posix } from 'node:path';
import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import { systemCode } from './known.ts';

/** No file of `/proc` or `/sys` that is read is larger: cpuinfo of 1024 CPUs has 2 MiB. */
const LARGEST_BYTES = 8 * 1024 * 1024;

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** Without waiting for a writer, where it turns out to be a pipe. */
const READING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** PATH_MAX in the kernel's `include/uapi/linux/limits.h`. */
const LONGEST_PATH = 4096;

/**
 * A host's files as seen from `directory`, where its root is: `/` on the host itself, a mount in a container, a captured tree.
 * Links are followed as the host would follow them, so that an absolute one does not lead out of the tree.
 */
export class HostRoot {
  readonly #directory: string;
  /** Where directories are once their links are followed: hundreds of paths lie in the same few. Forgotten before anything else happens. */
  readonly #directories = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The path under which this process finds the host's absolute `path`. @throws the system's error where it cannot be looked up */
  locate(path: string): string {
    return this.#directory === '/' ? path : this.#directory + this.#withoutLinks(absolute(path));
  }

  /** All of a text file, without the line end. @throws the system's error; AppError INPUT_UNREADABLE when it is no file, or too large */
  text(path: string): string {
    const descriptor = this.#open(path);
    try {
      if (!fstatSync(descriptor).isFile()) throw new AppError('INPUT_UNREADABLE', `${path} is not a file`);
      return readAll(descriptor, path).replace(/\n$/, '');
    } finally {
      closeSync(descriptor);
    }
  }

  /** As if it were no link, which nearly nothing is: to ask first costs as much as to open. */
  #open(path: string): number {
    const { directory, name } = split(absolute(path));
    if (this.#directory === '/' || !isPlain(name)) return openSync(this.locate(path), READING);
    try {
      return openSync(`${this.#directory}${this.#followed(directory)}/${name}`, READING | constants.O_NOFOLLOW);
    } catch (thrown) {
      if (systemCode(thrown) === 'ELOOP') return openSync(this.locate(path), READING);
      throw thrown;
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
    if (this.#directory === '/') return readdirSync(path, { withFileTypes: true });
    const written = absolute(path);
    const followed = this.#followed(written);
    const entries = readdirSync(this.#directory + followed, { withFileTypes: true });
    // What is listed as a directory is no link: the thousands below `/proc` need not be asked one by one.
    for (const entry of entries) if (entry.isDirectory()) this.#remember(inside(written, entry.name), inside(followed, entry.name));
    return entries;
  }

  /** As `entries`; none when there is no such directory. */
  entriesIfAny(path: string): Dirent[] {
    return ifAny(() => this.entries(path)) ?? [];
  }

  /** As `names`; none when there is no such directory. */
  namesIfAny(path: string): string[] {
    return ifAny(() => this.names(path)) ?? [];
  }

  /** What a link says, as it says it; `undefined` when there is no such link. */
  linkIfAny(path: string): string | undefined {
    const { directory, name } = split(path);
    return ifAny(() => readlinkSync(inside(this.locate(directory), name)));
  }

  /** What is at the end of all links; `undefined` when nothing is. */
  stat(path: string): Stats | undefined {
    return ifAny(() => statSync(this.locate(path)));
  }

  /** Each part is followed before the next: `..` leaves the directory that a link led to. */
  #withoutLinks(path: string): string {
    const { directory, name } = split(path);
    return this.#follow(this.#followed(directory), name);
  }

  /** Where a directory is. */
  #followed(directory: string): string {
    if (directory === '/') return directory;
    const known = this.#directories.get(directory);
    if (known !== undefined) return known;
    const followed = this.#withoutLinks(directory);
    this.#remember(directory, followed);
    return followed;
  }

  #remember(directory: string, followed: string): void {
    if (this.#directories.size === 0) setImmediate(() => this.#directories.clear());
    this.#directories.set(directory, followed);
  }

  #follow(directory: string, name: string): string {
    let resolved = directory;
    let links = 0;
    const rest = [name];
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      const next = isPlain(part) && resolved !== '/' ? `${resolved}/${part}` : posix.join(resolved, part);
      const target = next === '/' ? undefined : linkTarget(this.#directory + next);
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

/** Thousands of paths are put together: where nothing is to be normalised, `join` takes most of the time. */
function isPlain(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..';
}

function absolute(path: string): string {
  if (path.length > LONGEST_PATH) throw new AppError('INPUT_UNREADABLE', `a path has at most ${LONGEST_PATH} characters`);
  return path.startsWith('/') ? path : `/${path}`;
}

/** As `posix.dirname` and `posix.basename`, which take several times as long. */
function split(path: string): { readonly directory: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  if (slash <= 0 || slash === path.length - 1) return { directory: posix.dirname(path), name: posix.basename(path) };
  return { directory: path.slice(0, slash), name: path.slice(slash + 1) };
}

function inside(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
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
  const full: Buffer[] = [];
  let [total, filled] = [0, 0];
  for (;;) {
    const count = readSync(descriptor, chunk, filled, chunk.length - filled, null);
    if (count === 0) break;
    total += count;
    if (total > LARGEST_BYTES) throw new AppError('INPUT_UNREADABLE', `${path} is larger than ${LARGEST_BYTES} bytes`);
    filled += count;
    if (filled < chunk.length) continue;
    full.push(Buffer.from(chunk));
    filled = 0;
  }
  return full.length === 0 ? chunk.toString('utf8', 0, filled) : Buffer.concat([...full, chunk.subarray(0, filled)]).toString();
}

const NOTHING_THERE = new Set(['ENOENT', 'ENOTDIR']);

function ifAny<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (NOTHING_THERE.has(systemCode(thrown) ?? '')) return undefined;
    throw thrown;
  }
}
