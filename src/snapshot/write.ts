import { compareText } from '../core/compare-text.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { subjectOf } from '../core/subject.ts';
import { documentsOf } from '../manifest/emit.ts';
import { keepReadFields } from './kept-fields.ts';
import { API_VERSION, SNAPSHOT_KIND, SNAPSHOT_VERSION, type Snapshot } from './snapshot.ts';

/**
 * A cluster as multi-document YAML: the snapshot itself, then what rules read of each object. Sorted, so that two snapshots differ in
 * the time and in what changed.
 */
export function writeSnapshot({ takenAt, unknownKinds }: Snapshot, objects: readonly JsonObject[]): string {
  const kept = objects.map(keepReadFields).filter((object) => object !== undefined);
  const head = {
    apiVersion: API_VERSION,
    kind: SNAPSHOT_KIND,
    metadata: { creationTimestamp: takenAt.toISOString().replace(/\.\d+Z$/, 'Z') },
    version: SNAPSHOT_VERSION,
    objects: kept.length,
    ...(unknownKinds.size === 0 ? {} : { unknownKinds: Object.fromEntries(unknownKinds) }),
  };
  return documentsOf([head, ...kept.sort(compareObjects).map(withSortedKeys)]);
}

function compareObjects(a: JsonObject, b: JsonObject): number {
  const [left, right] = [subjectOf(a, ''), subjectOf(b, '')];
  return (
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.kind, right.kind) ||
    compareText(left.namespace, right.namespace) ||
    compareText(left.name, right.name)
  );
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(members.map(([key, member]) => [key, withSortedKeys(member)]));
}
