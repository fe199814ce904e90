import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject, quote } from '../core/json.ts';
import { groupOf } from '../core/subject.ts';
import { API_VERSION, SNAPSHOT_KIND, SNAPSHOT_VERSION, type Snapshot } from './snapshot.ts';

const HINT = 'take it again with `vhostguard snapshot`';

/** True for the document that makes a file a snapshot, of whatever version. */
export function isSnapshotHead(object: JsonObject): boolean {
  return object['kind'] === SNAPSHOT_KIND && groupOf(String(object['apiVersion'])) === groupOf(API_VERSION);
}

/**
 * What a file's objects say of the snapshot that they are; `undefined` when they are plain manifests.
 *
 * @throws AppError INPUT_UNREADABLE for a snapshot of another version, or one that is not whole
 */
export function readSnapshot(objects: readonly JsonObject[], file: string): Snapshot | undefined {
  const heads = objects.filter(isSnapshotHead);
  const [head] = heads;
  if (head === undefined) return undefined;
  const refuse = (message: string): AppError => new AppError('INPUT_UNREADABLE', `${file} ${message}`, { hint: HINT });
  if (heads.length > 1) throw refuse(`holds ${heads.length} snapshots, and only one can be true`);
  if (head['apiVersion'] !== API_VERSION) throw refuse(`is a snapshot of ${quote(head['apiVersion'])}, and ${API_VERSION} is needed`);
  if (head['version'] !== SNAPSHOT_VERSION)
    throw refuse(`is a snapshot of version ${quote(head['version'])}, and version ${SNAPSHOT_VERSION} is needed`);
  const takenAt = readTime(head);
  if (takenAt === undefined) throw refuse('does not say when it was taken: metadata.creationTimestamp is needed');
  const missing = Number(head['objects']) - (objects.length - 1);
  if (!(missing <= 0)) throw refuse(`is cut off: of ${quote(head['objects'])} objects it holds ${objects.length - 1}`);
  return { takenAt, unknownKinds: readUnknownKinds(head) };
}

function readTime(head: JsonObject): Date | undefined {
  const metadata = isObject(head['metadata']) ? head['metadata'] : {};
  const text = String(metadata['creationTimestamp']);
  const time = new Date(text);
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(time.getTime()) ? time : undefined;
}

function readUnknownKinds(head: JsonObject): Map<string, string> {
  const kinds = isObject(head['unknownKinds']) ? head['unknownKinds'] : {};
  return new Map(Object.entries(kinds).map(([kind, reason]) => [kind, String(reason)]));
}
