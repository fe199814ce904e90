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
  const read: ReadFile[] = [];
  let hasFailed = false;
  for (const file of files()) {
    hasFailed = reportUnread(file, io) || hasFailed;
    if (file.state === 'read') read.push(file);
  }
  const repairs = read.flatMap((file) =>
    file.content.manifests.map(({ object }) => {
      const subject = subjectOf(object, options.namespace);
      return { file, subject, repair: engine.repair(subject) };
    }),
  );
  for (const { file, subject, repair } of repairs) {
    for (const { rule, path, fix } of repair.repaired) {
      io.stderr.write(`${file.name}: ${subject.kind} ${subject.namespace}/${subject.name}: ${rule} ${toFieldPath(path)}: ${fix?.title}\n`);
    }
  }
  if (options.format === 'yaml') io.stdout.write(joinDocuments(read.map((file) => textOf(file, engine, options.namespace, io))));
  else {
    const result = options.format === 'patch' ? repairs.map(toPatch) : toObject(repairs.map(({ repair }) => repair.object));
    io.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  }
  return hasFailed ? 3 : 0;
}

/** The file as admission would leave it, comments kept; what cannot be written so is printed as plain objects, and never left out. */
function textOf({ name, text, content }: ReadFile, engine: Engine, namespace: string, io: CommandIo): string {
  const asObjects = (reason: string): string => {
    io.stderr.write(`${name}: note: printed without its comments: ${reason}\n`);
    return documentsOf(content.manifests.map(({ object }) => engine.repair(subjectOf(object, namespace)).object));
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

function toPatch({ subject, repair }: { subject: Subject; repair: Repair }): object {
  const { apiVersion, kind, namespace, name } = subject;
  return { object: { apiVersion, kind, namespace, name }, patch: repair.patch };
}

/** One object as itself, several as a List that `kubectl apply` takes. */
function toObject(objects: readonly JsonObject[]): JsonObject {
  const [only] = objects;
  return objects.length === 1 && only !== undefined ? only : { apiVersion: 'v1', kind: 'List', items: objects };
}
