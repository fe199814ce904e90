import { dirname, resolve } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import { readManifests } from '../manifest/read.ts';
import type { ObjectSource, Suite } from '../suite/suite.ts';
import { configurationFrom } from './configuration.ts';
import type { CommandIo } from './io.ts';
import { readText } from './read-text.ts';
import { listSources, type Source } from './sources.ts';

/** `FILE#Kind/name`. */
const PICKED = /^(.+)#([A-Za-z]+)\/([^/#]+)$/;

/** Reads the files that suites name, each once. Paths are relative to the suite. */
export class SuiteFiles {
  readonly #io: CommandIo;
  readonly #objects = new Map<string, readonly JsonObject[]>();
  readonly #settings = new Map<string, Promise<Settings>>();

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /**
   * The object that a test names, and all that lies in the same file.
   * @throws AppError INPUT_UNREADABLE, INPUT_SYNTAX, SUITE_INVALID when the file has another number of objects than one
   */
  read(suite: Suite, source: ObjectSource): { readonly object: JsonObject; readonly beside: readonly JsonObject[] } {
    if (typeof source !== 'string') return { object: source, beside: [] };
    const [, file = source, kind, name] = PICKED.exec(source) ?? [];
    const path = resolve(dirname(suite.file), file);
    const beside = this.#load({ name: file, read: () => readText(path) }, path);
    const picked = kind === undefined ? beside : beside.filter((candidate) => toName(candidate) === `${kind}/${name}`);
    const [object] = picked;
    if (object !== undefined && picked.length === 1) return { object, beside };
    throw wrongNumber(source, picked, beside);
  }

  /** The objects of files and directories. @throws AppError INPUT_UNREADABLE, INPUT_SYNTAX */
  async context(suite: Suite, paths: readonly string[]): Promise<JsonObject[]> {
    const listed = await Promise.all(
      paths.map(async (path) => ({
        path,
        ...(await listSources({ paths: [resolve(dirname(suite.file), path)], isRecursive: false }, this.#io)),
      })),
    );
    return listed.flatMap(({ path, sources, errors }) => {
      for (const { error } of errors) throw named(path, error);
      return sources.flatMap((source) => this.#load(source, source.name));
    });
  }

  /** The settings of a configuration file, or the defaults without one. @throws AppError CONFIG_INVALID */
  async settings(suite: Suite, config: string | undefined): Promise<Settings> {
    const path = config === undefined ? '' : resolve(dirname(suite.file), config);
    const settings = this.#settings.get(path) ?? configurationFrom(path === '' ? undefined : path).then((read) => read.settings);
    this.#settings.set(path, settings);
    return settings;
  }

  #load(source: Source, path: string): readonly JsonObject[] {
    const objects = this.#objects.get(path) ?? load(source);
    this.#objects.set(path, objects);
    return objects;
  }
}

function load(source: Source): readonly JsonObject[] {
  const { name } = source;
  const text = readNamed(name, () => source.read());
  const { manifests, errors } = readManifests(text, name);
  const [problem] = errors;
  if (problem === undefined) return manifests.map(({ object }) => object);
  throw new AppError('INPUT_SYNTAX', `${name}:${problem.line}:${problem.column}: ${problem.message}`);
}

function readNamed(name: string, read: () => string): string {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof AppError ? named(name, thrown) : thrown;
  }
}

function named(path: string, error: AppError): AppError {
  return new AppError(error.code, `${path}: ${error.message}`, { cause: error });
}

function toName(object: JsonObject): string {
  const { name } = (object['metadata'] ?? {}) as JsonObject;
  return `${String(object['kind'])}/${String(name)}`;
}

function wrongNumber(source: string, picked: readonly JsonObject[], all: readonly JsonObject[]): AppError {
  const shown = all.slice(0, 5).map(toName).join(', ');
  const file = PICKED.exec(source)?.[1] ?? source;
  const known = all.length === 0 ? `${file} has none` : `${file} has ${shown}${all.length > 5 ? ', …' : ''}`;
  const found = picked.length === 0 ? 'names no object' : `names ${picked.length} objects, and a test judges one`;
  return new AppError('SUITE_INVALID', `${JSON.stringify(source)} ${found}: write FILE#Kind/name; ${known}`);
}
