import { AppError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { toFieldPath } from '../core/path.ts';
import { type Subject, subjectOf } from '../core/subject.ts';
import type { Engine } from '../engine/engine.ts';
import type { Repair } from '../engine/repair.ts';
import { documentsOf } from '../manifest/emit.ts';
import { createFileEngine, type EngineOptions } from './file-engine.ts';
import type { GatheredFile } from './gather.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { rewriteFile } from './rewrite-file.ts';
import { reportUnread } from './unread.ts';

export interface MutateOptions extends EngineOptions {
  readonly format: 'yaml' | 'json' | 'patch';
}

type ReadFile = Extract<GatheredFile, { state: 'read' }>;

/** `vhostguard mutate`: prints the objects as admission would leave them; what it repairs, it says on stderr. */
export async function mutate(options: MutateOptions, io: CommandIo): Promise<ExitCode> {
  const { engine, files } = await createFileEngine(options, io);
  const mutated: MutatedFile[] = [];
  let hasFailed = false;
  for (const file of files()) {
    hasFailed = reportUnread(file, io) || hasFailed;
    if (file.state === 'read') mutated.push({ file, objects: mutateObjects(file, engine, options.namespace) });
  }
  const objects = mutated.flatMap((each) => each.objects);
  for (const { file, objects: own } of mutated) reportRepairs(file.name, own, io);
  if (options.format === 'yaml') io.stdout.write(joinDocuments(mutated.map((each) => textOf(each, engine, options.namespace, io))));
  else {
    const result = options.format === 'patch' ? objects.map(toPatch) : toObject(objects.map(({ repair }) => repair.object));
    io.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  }
  return hasFailed ? 3 : 0;
}

interface MutatedObject {
  readonly subject: Subject;
  readonly repair: Repair;
}

interface MutatedFile {
  readonly file: ReadFile;
  readonly objects: readonly MutatedObject[];
}

function mutateObjects({ content }: ReadFile, engine: Engine, namespace: string): MutatedObject[] {
  return content.manifests.map(({ object }) => {
    const subject = subjectOf(object, namespace);
    return { subject, repair: engine.repair(subject) };
  });
}

function reportRepairs(name: string, objects: readonly MutatedObject[], io: CommandIo): void {
  for (const { subject, repair } of objects)
    for (const { rule, path, fix } of repair.repaired)
      io.stderr.write(`${name}: ${subject.kind} ${subject.namespace}/${subject.name}: ${rule} ${toFieldPath(path)}: ${fix?.title}\n`);
}

/** The file as admission would leave it, comments kept; what cannot be written so is printed as plain objects, and never left out. */
function textOf({ file: { name, text, content }, objects }: MutatedFile, engine: Engine, namespace: string, io: CommandIo): string {
  const asObjects = (reason: string): string => {
    io.stderr.write(`${name}: note: printed without its comments: ${reason}\n`);
    return documentsOf(objects.map(({ repair }) => repair.object));
  };
  if (content.errors.length > 0) return asObjects('parts of it cannot be read and are left out');
  try {
    return rewriteFile(text, content.manifests, engine, namespace, 'safe').text;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return asObjects(thrown.message);
  }
}

function joinDocuments(texts: readonly string[]): string {
  const closed = texts.filter((text) => text !== '').map((text) => (text.endsWith('\n') ? text : `${text}\n`));
  return closed.map((text, index) => (index > 0 && !text.startsWith('---') ? `---\n${text}` : text)).join('');
}

function toPatch({ subject, repair }: MutatedObject): object {
  const { apiVersion, kind, namespace, name } = subject;
  return { object: { apiVersion, kind, namespace, name }, patch: repair.patch };
}

/** One object as itself, several as a List that `kubectl apply` takes. */
function toObject(objects: readonly JsonObject[]): JsonObject {
  const [only] = objects;
  return objects.length === 1 && only !== undefined ? only : { apiVersion: 'v1', kind: 'List', items: objects };
}
