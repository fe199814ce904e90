import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
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

const MANIFEST_NAME = /\.(?:ya?ml|json)$/i;

/** Largest file that is read, in bytes. Far above anything etcd takes; protects against a wrong path. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Lists files as `kubectl -f` does: a directory stands for the YAML and JSON files in it, `-` for standard input. */
export async function listSources(paths: readonly string[], isRecursive: boolean, io: CommandIo): Promise<SourceList> {
  const sources: Source[] = [];
  const errors: { file: string; error: AppError }[] = [];
  for (const path of new Set(paths)) {
    try {
      if (path === '-') sources.push(await readStdin(io));
      else if (statSync(path).isDirectory()) walk(path, isRecursive, new Set(), sources, errors);
      else sources.push(fileSource(path));
    } catch (thrown) {
      errors.push({ file: path, error: unreadable(path, thrown) });
    }
  }
  return { sources, errors };
}

async function readStdin(io: CommandIo): Promise<Source> {
  const bytes = await io.stdin();
  return { name: '<stdin>', read: () => decode(bytes, 'standard input') };
}

function walk(
  directory: string,
  isRecursive: boolean,
  seen: Set<string>,
  sources: Source[],
  errors: { file: string; error: AppError }[],
): void {
  const real = realpathSync(directory);
  if (seen.has(real)) return;
  seen.add(real);
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    try {
      if (statSync(path).isDirectory()) {
        if (isRecursive && name !== 'node_modules' && name !== '.git') walk(path, isRecursive, seen, sources, errors);
      } else if (MANIFEST_NAME.test(name)) sources.push(fileSource(path));
    } catch (thrown) {
      if (MANIFEST_NAME.test(name) || isRecursive) errors.push({ file: path, error: unreadable(path, thrown) });
    }
  }
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
