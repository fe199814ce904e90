import type { JsonObject } from '../core/json.ts';
import { toFieldPath } from '../core/path.ts';
import { type Subject, subjectOf } from '../core/subject.ts';
import type { Repair } from '../engine/repair.ts';
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
  if (options.format === 'yaml') {
    io.stdout.write(
      joinDocuments(read.map(({ text, content }) => rewriteFile(text, content.manifests, engine, options.namespace, 'safe').text)),
    );
  } else {
    const result = options.format === 'patch' ? repairs.map(toPatch) : toObject(repairs.map(({ repair }) => repair.object));
    io.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  }
  return hasFailed ? 3 : 0;
}

function joinDocuments(texts: readonly string[]): string {
  const closed = texts.map((text) => (text === '' || text.endsWith('\n') ? text : `${text}\n`));
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
