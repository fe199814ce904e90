import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, describeError } from '../core/errors.ts';
import type { CommandIo } from './io.ts';

/** A file, or standard input, that holds manifests. */
export interface Source {
  /** As the user named it, for findings. */
  readonly name: string;
  /** @throws AppError INPUT_UNREADABLE */
  readonly read: () => string;
}

/** What became of the paths on the command line. */
export interface SourceList {
  readonly sources: readonly Source[];
  /** Paths that lead nowhere; the others are still read. */
  readonly errors: readonly {
    readonly file: string;
    readonly error: AppError;
  }[];
}

/** What standard input is called in findings. */
export const STDIN_NAME = '<stdin>';

const MANIFEST_NAME = /\.(?:ya?ml|json)$/i;

const SKIPPED_DIRECTORIES = new Set(['node_modules', '.git']);

/** Largest file that is read, in bytes. Far above anything etcd takes; protects against a wrong path. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Lists files as `kubectl -f` does: a directory stands for the YAML and JSON files in it, `-` for standard input. */
export async function listSources(paths: readonly string[], isRecursive: boolean, io: CommandIo): Promise<SourceList> {
  const list: Listing = { isRecursive, sources: [], errors: [], seen: new Set() };
  for (const path of new Set(paths)) {
    if (path === '-') list.sources.push(await readStdin(io));
    else visit(path, list);
  }
  return list;
}

interface Listing {
  readonly isRecursive: boolean;
  readonly sources: Source[];
  readonly errors: { readonly file: string; readonly error: AppError }[];
  /** Directories that were walked, by their real path: links may lead in a circle. */
  readonly seen: Set<string>;
}

async function readStdin(io: CommandIo): Promise<Source> {
  const bytes = await io.stdin();
  return { name: STDIN_NAME, read: () => decode(bytes, 'standard input') };
}

function visit(path: string, list: Listing): void {
  try {
    if (statSync(path).isDirectory()) walk(path, list);
    else list.sources.push(fileSource(path));
  } catch (thrown) {
    list.errors.push({ file: path, error: unreadable(path, thrown) });
  }
}

function walk(directory: string, list: Listing): void {
  const real = realpathSync(directory);
  if (list.seen.has(real)) return;
  list.seen.add(real);
  for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (MANIFEST_NAME.test(entry.name)) visit(path, list);
    else if (list.isRecursive && !SKIPPED_DIRECTORIES.has(entry.name) && isDirectory(entry, path)) visit(path, list);
  }
}

function isDirectory(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function fileSource(path: string): Source {
  return { name: path, read: () => readText(path) };
}

/** A file's text. @throws AppError INPUT_UNREADABLE */
export function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_BYTES)
      throw new AppError('INPUT_UNREADABLE', `the file has ${size} bytes, more than the ${LARGEST_BYTES} that are read`);
    return decode(readFileSync(path), path);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function decode(bytes: Buffer, name: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new AppError('INPUT_UNREADABLE', `${name} is no UTF-8 text`, {
    hint: 'save it as UTF-8, or leave it out',
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  ELOOP: 'its symbolic links lead in a circle',
  EISDIR: 'it is a directory',
  EMFILE: 'too many files are open',
};

function unreadable(path: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return new AppError('INPUT_UNREADABLE', REASONS[code] ?? describeError(thrown), {
    hint: `check the path ${JSON.stringify(path)}`,
    cause: thrown,
  });
}
