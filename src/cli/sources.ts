import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compareText } from '../core/compare-text.ts';
import { AppError } from '../core/errors.ts';
import { splitTemplates } from '../manifest/helm-templates.ts';
import type { Renderer } from '../report/report.ts';
import { expandGlob } from './glob.ts';
import type { CommandIo } from './io.ts';
import { renderKustomization } from './kustomize.ts';
import { decode, readText, STDIN_NAME, unreadable } from './read-text.ts';

/** A text that holds manifests: a file, standard input, or what a program renders. */
export interface Source {
  /** As the user named it, for findings. */
  readonly name: string;
  /** The program that made the text, where no file of that name holds it: lines are those of what it prints. */
  readonly renderedBy?: Renderer;
  /** @throws AppError INPUT_UNREADABLE */
  read(): string;
}

/** What became of the paths on the command line. */
export interface SourceList {
  readonly sources: readonly Source[];
  /** What leads nowhere; the others are still read. */
  readonly errors: readonly {
    readonly file: string;
    readonly error: AppError;
  }[];
}

/** What to read. */
export interface SourceOptions {
  /** Files, directories, quoted globs, and `-` for standard input. */
  readonly paths: readonly string[];
  readonly isRecursive: boolean;
  /** Directories to kustomize. */
  readonly kustomizations?: readonly string[];
  /** Takes what `helm template` piped in apart, so that findings name the template. */
  readonly splitsTemplates?: boolean;
}

const MANIFEST_NAME = /\.(?:ya?ml|json)$/i;

const SKIPPED_DIRECTORIES = new Set(['node_modules', '.git']);

/** Lists files as `kubectl -f` does: a directory stands for the YAML and JSON files in it, `-` for standard input. */
export async function listSources(options: SourceOptions, io: CommandIo): Promise<SourceList> {
  const list: Listing = { isRecursive: options.isRecursive, sources: [], errors: [], seen: new Set() };
  for (const path of new Set(options.paths)) {
    if (path === '-') list.sources.push(...(await readStdin(options, io)));
    else if (isThere(path) || !(await visitMatches(path, list))) visit(path, list);
  }
  for (const directory of new Set(options.kustomizations)) await visitKustomization(directory, list, io);
  return list;
}

interface Listing {
  readonly isRecursive: boolean;
  readonly sources: Source[];
  readonly errors: { readonly file: string; readonly error: AppError }[];
  /** Files by their absolute path, that none is judged twice, and directories by their real one: links may lead in a circle. */
  readonly seen: Set<string>;
}

async function readStdin({ splitsTemplates }: SourceOptions, io: CommandIo): Promise<Source[]> {
  const bytes = await io.stdin();
  const whole = { name: STDIN_NAME, read: () => decode(bytes) };
  if (splitsTemplates !== true || !bytes.includes('# Source: ')) return [whole];
  try {
    return splitTemplates(decode(bytes)).map(({ source, text }) =>
      source === undefined ? { name: STDIN_NAME, read: () => text } : { name: source, renderedBy: 'helm', read: () => text },
    );
  } catch {
    return [whole];
  }
}

async function visitKustomization(directory: string, list: Listing, io: CommandIo): Promise<void> {
  const name = `${directory.replace(/(?<=.)\/+$/, '')} (kustomize)`;
  try {
    const text = await renderKustomization(directory, io);
    list.sources.push({ name, renderedBy: 'kustomize', read: () => text });
  } catch (thrown) {
    list.errors.push({ file: name, error: unreadable(directory, thrown) });
  }
}

/** @returns false when the path is no pattern. */
async function visitMatches(pattern: string, list: Listing): Promise<boolean> {
  const matches = await expandGlob(pattern);
  if (matches === undefined) return false;
  for (const { path, thrown } of matches.failures) list.errors.push({ file: path, error: unreadable(path, thrown) });
  for (const file of matches.files) visit(file, list);
  if (matches.files.length === 0) {
    const error = new AppError('INPUT_UNREADABLE', 'no file matches the pattern', {
      hint: 'check it with `ls`, without the quotes; ** stands for directories at any depth',
    });
    list.errors.push({ file: pattern, error });
  }
  return true;
}

/** True also for what cannot be looked at, which is no reason to take its name for a pattern. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function visit(path: string, list: Listing): void {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) walk(path, list);
    else add(stat.isFile() ? new FileSource(path) : { name: path, read: readOnce(path) }, list);
  } catch (thrown) {
    list.errors.push({ file: path, error: unreadable(path, thrown) });
  }
}

function add(source: Source, list: Listing): void {
  const absolute = resolve(source.name);
  if (list.seen.has(absolute)) return;
  list.seen.add(absolute);
  list.sources.push(source);
}

/** A class and no closure: of files there may be a hundred thousand. */
class FileSource implements Source {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  read(): string {
    return readText(this.name);
  }
}

/** What came out of a pipe is no longer in it, also when it could not be used: a second look would see only the rest. */
function readOnce(path: string): Source['read'] {
  let outcome: { readonly text: string } | { readonly error: unknown } | undefined;
  return () => {
    outcome ??= attempt(() => readText(path));
    if ('error' in outcome) throw outcome.error;
    return outcome.text;
  };
}

function attempt(read: () => string): { readonly text: string } | { readonly error: unknown } {
  try {
    return { text: read() };
  } catch (error) {
    return { error };
  }
}

function walk(directory: string, list: Listing): void {
  const real = realpathSync(directory);
  if (list.seen.has(real)) return;
  list.seen.add(real);
  for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name))) {
    const path = join(directory, entry.name);
    const isManifest = MANIFEST_NAME.test(entry.name);
    if (isManifest && isUnreadableKind(entry)) list.errors.push({ file: path, error: notAFile() });
    else if (isManifest) visit(path, list);
    else if (list.isRecursive && !SKIPPED_DIRECTORIES.has(entry.name) && isDirectory(entry, path)) visit(path, list);
  }
}

/** Only a pipe that is named on the command line has somebody who writes into it: others would be waited for without end. */
function isUnreadableKind(entry: Dirent): boolean {
  return !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink();
}

function notAFile(): AppError {
  return new AppError('INPUT_UNREADABLE', 'it is no file but a pipe, a socket or a device', { hint: 'leave it out, or name it by itself' });
}

/** True also for a link that cannot be followed, so that whoever visits it hears why. */
function isDirectory(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return true;
  }
}
