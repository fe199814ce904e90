import type { JsonObject } from '../../../src/core/json.ts';
import { isObject } from '../../../src/core/json.ts';
import { valueAt } from '../../../src/core/path.ts';
import type { FakeResource } from './resource.ts';
import type { Stored } from './store.ts';

/** What `…/scale` of an object says. */
export function scaleOf({ replicasPath = [] }: FakeResource, { metadata, ...object }: Stored): JsonObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion },
    spec: { replicas: valueAt(object, replicasPath) ?? 0 },
    status: { replicas: valueAt(object, ['status', 'replicas']) ?? 0 },
  };
}

/** An object with the replicas that a Scale wants. */
export function scaled({ replicasPath = [] }: FakeResource, current: Stored, scale: JsonObject): JsonObject {
  return withValue(current, replicasPath, valueAt(scale, ['spec', 'replicas']));
}

function withValue(object: JsonObject, [key, ...rest]: readonly string[], value: unknown): JsonObject {
  if (key === undefined) return object;
  const member = object[key];
  return { ...object, [key]: rest.length === 0 ? value : withValue(isObject(member) ? member : {}, rest, value) };
}
