import type { ServerResponse } from 'node:http';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import type { Admission } from './admission.ts';
import type { FakeResource } from './resource.ts';
import type { ApiRequest } from './route.ts';
import { scaled, scaleOf } from './scale.ts';
import { type Refusal, sendJson, sendRefusal } from './status.ts';
import type { Store, Stored } from './store.ts';
import { conform, pruned } from './structural.ts';

type Result =
  | { readonly refusal: Refusal }
  | { readonly code: number; readonly answer: unknown }
  /** To be kept, once admission has seen it; shown as it is unless otherwise wanted. */
  | { readonly code: number; readonly object: JsonObject; readonly show?: (kept: Stored) => unknown };

/** What is written to. */
export interface Target {
  readonly resource: FakeResource;
  readonly store: Store;
  readonly admission: Admission;
}

/** Answers POST, PUT, PATCH and DELETE. With `dryRun=All` nothing is kept. */
export function sendWrite(request: ApiRequest, target: Target, response: ServerResponse): void {
  const { resource, store, admission } = target;
  const result = WRITERS[request.verb]?.(request, resource, store) ?? refused(405, 'the server does not allow this method');
  if ('refusal' in result) sendRefusal(response, result.refusal);
  else if ('answer' in result) sendJson(response, result.code, result.answer);
  else {
    const name = String(metadataOf(result.object)['name']);
    const before = store.get(resource, request.namespace, name);
    const object = withOwnStatus(request, resource, pruned(resource, result.object), before);
    const keep = (admitted: JsonObject, headers?: Readonly<Record<string, string>>): void => {
      const kept = isDryRun(request) ? (admitted as Stored) : keepWhatIsNotGone(request, target, admitted, before);
      sendJson(response, result.code, result.show?.(kept) ?? kept, headers);
    };
    const admitting = admission({ request, resource, object, oldObject: before, isDryRun: isDryRun(request) });
    // Where no webhook is called the write is done at once.
    if (admitting === undefined) {
      const conformed = conform(resource, object);
      if ('refusal' in conformed) sendRefusal(response, conformed.refusal);
      else keep(conformed.object);
    } else
      void admitting.then((admitted) => {
        if ('refusal' in admitted) sendRefusal(response, admitted.refusal);
        else if (store.get(resource, request.namespace, name) === before) keep(admitted.object, admitted.headers);
        else sendRefusal(response, { code: 409, message: `${qualified(resource)} "${name}" was changed while webhooks were called` });
      });
  }
}

/** A status that is written elsewhere stays as it was, whatever a write of the object says of it. */
function withOwnStatus({ subresource }: ApiRequest, { hasStatus = false }: FakeResource, object: JsonObject, before?: Stored): JsonObject {
  if (!hasStatus || subresource !== '') return object;
  const { status: _status, ...rest } = object;
  return before?.['status'] === undefined ? rest : { ...rest, status: before['status'] };
}

/** An object that is being deleted goes with its last finalizer. */
function keepWhatIsNotGone(request: ApiRequest, { resource, store }: Target, object: JsonObject, before: Stored | undefined): Stored {
  const deletionTimestamp = before?.metadata['deletionTimestamp'];
  if (deletionTimestamp === undefined) return store.write(resource, object, request.namespace);
  const kept = store.write(resource, { ...object, metadata: { ...metadataOf(object), deletionTimestamp } }, request.namespace);
  if (!hasFinalizers(kept)) store.remove(resource, request.namespace, kept.metadata.name);
  return kept;
}

function hasFinalizers({ metadata }: Stored): boolean {
  return Array.isArray(metadata['finalizers']) && metadata['finalizers'].length > 0;
}

type Writer = (request: ApiRequest, resource: FakeResource, store: Store) => Result;

const WRITERS: Readonly<Record<string, Writer>> = { create, update, patch, delete: remove };

let generated = 0;

function create(request: ApiRequest, resource: FakeResource, store: Store): Result {
  if (!isObject(request.body)) return refused(400, 'the body is no object');
  const metadata = metadataOf(request.body);
  const prefix = metadata['generateName'];
  const name = metadata['name'] ?? (typeof prefix === 'string' ? `${prefix}${(++generated).toString(36).padStart(5, '0')}` : undefined);
  if (typeof name !== 'string' || name === '') return refused(422, 'name or generateName is required', 'Invalid');
  if (store.get(resource, request.namespace, name) !== undefined)
    return refused(409, `${qualified(resource)} "${name}" already exists`, 'AlreadyExists');
  return { code: 201, object: { ...request.body, metadata: { ...metadata, name } } };
}

function update(request: ApiRequest, resource: FakeResource, store: Store): Result {
  const current = store.get(resource, request.namespace, request.name);
  if (current === undefined) return notFound(request, resource);
  if (!isObject(request.body)) return refused(400, 'the body is no object');
  if (request.subresource === 'scale') return scale(resource, current, request.body);
  return conflictOf(request.body, current, resource) ?? { code: 200, object: merged(request, current, request.body) };
}

function patch(request: ApiRequest, resource: FakeResource, store: Store): Result {
  const current = store.get(resource, request.namespace, request.name);
  const type = request.contentType.split(';')[0];
  const isApply = type === 'application/apply-patch+yaml';
  if (current === undefined && isApply && isObject(request.body))
    return { code: 201, object: { ...request.body, metadata: { ...metadataOf(request.body), name: request.name } } };
  if (current === undefined) return notFound(request, resource);
  if (type === 'application/json-patch+json') return patchByOperations(request, resource, current);
  const isStrategic = type === 'application/strategic-merge-patch+json';
  if (!isApply && !isStrategic && type !== 'application/merge-patch+json')
    return refused(415, `the fake API server does not know the patch type ${type}`);
  if (!isObject(request.body)) return refused(400, 'the body is no object');
  if (request.subresource === 'scale') return scale(resource, current, mergePatch(scaleOf(resource, current), request.body) as JsonObject);
  const conflict = conflictOf(request.body, current, resource);
  const merge = isStrategic ? strategicMergePatch : mergePatch;
  return conflict ?? { code: 200, object: merged(request, current, merge(current, request.body) as JsonObject) };
}

function patchByOperations(request: ApiRequest, resource: FakeResource, current: Stored): Result {
  try {
    const operations = request.body as Operation[];
    const { newDocument } = fastJsonPatch.applyPatch(structuredClone(current) as JsonObject, operations, true, false);
    return conflictOf(newDocument, current, resource) ?? { code: 200, object: merged(request, current, newDocument) };
  } catch (thrown) {
    return refused(422, String(thrown), 'Invalid');
  }
}

function scale(resource: FakeResource, current: Stored, wanted: JsonObject): Result {
  if (resource.replicasPath === undefined) return refused(404, 'the server could not find the requested resource');
  const conflict = conflictOf(wanted, current, resource);
  return conflict ?? { code: 200, object: scaled(resource, current, wanted), show: (kept) => scaleOf(resource, kept) };
}

function remove(request: ApiRequest, resource: FakeResource, store: Store): Result {
  const current = store.get(resource, request.namespace, request.name);
  if (current === undefined) return notFound(request, resource);
  const given = isObject(request.body) ? request.body['preconditions'] : undefined;
  const { uid = current.metadata.uid, resourceVersion = current.metadata.resourceVersion } = isObject(given) ? given : {};
  if (uid !== current.metadata.uid || resourceVersion !== current.metadata.resourceVersion)
    return refused(409, `Precondition failed on ${qualified(resource)} "${request.name}"`);
  if (!isDryRun(request) && hasFinalizers(current)) {
    const deletionTimestamp = current.metadata['deletionTimestamp'] ?? '2026-11-22T00:00:00Z';
    const metadata = { ...current.metadata, deletionTimestamp };
    return { code: 200, answer: store.write(resource, { ...current, metadata }, request.namespace) };
  }
  if (!isDryRun(request)) store.remove(resource, request.namespace, request.name);
  return { code: 200, answer: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
}

/** A write of `…/status` changes the status alone, but that of a Node also its metadata, which is how the kubelet writes annotations. */
function merged(request: ApiRequest, current: Stored, next: JsonObject): JsonObject {
  const isStatus = request.subresource === 'status';
  if (isStatus && current['kind'] !== 'Node') return { ...current, status: next['status'] };
  if (isStatus) return { ...current, metadata: { ...metadataOf(next), name: current.metadata.name }, status: next['status'] };
  return { ...next, metadata: { ...metadataOf(next), name: current.metadata.name } };
}

function conflictOf(next: JsonObject, current: Stored, resource: FakeResource): Result | undefined {
  const { resourceVersion = '', uid } = metadataOf(next);
  const isStale = resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion;
  if (!isStale && (uid === undefined || uid === current.metadata.uid)) return undefined;
  const message = 'the object has been modified; please apply your changes to the latest version and try again';
  return refused(409, `Operation cannot be fulfilled on ${qualified(resource)} "${current.metadata.name}": ${message}`);
}

/** RFC 7386. */
function mergePatch(target: unknown, change: unknown): unknown {
  if (!isObject(change)) return change;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** As a merge patch, but conditions are merged by their type. Of other lists the API's types would tell, which nobody here patches. */
function strategicMergePatch(target: unknown, change: unknown): unknown {
  if (!isObject(change)) return change;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else if (!Array.isArray(value)) result[key] = strategicMergePatch(result[key], value);
    else if (key === 'conditions') result[key] = mergeByType(Array.isArray(result[key]) ? result[key] : [], value);
    else throw new Error(`the fake API server does not know how ${key} are merged`);
  }
  return result;
}

function mergeByType(current: readonly unknown[], changes: readonly unknown[]): unknown[] {
  const typeOf = (each: unknown): unknown => (isObject(each) ? each['type'] : undefined);
  const added = changes.filter((change) => !current.some((each) => typeOf(each) === typeOf(change)));
  const kept = current.map((each) => strategicMergePatch(each, changes.find((change) => typeOf(change) === typeOf(each)) ?? {}));
  return [...kept, ...added];
}

function notFound({ name }: ApiRequest, resource: FakeResource): Result {
  return refused(404, `${qualified(resource)} "${name}" not found`);
}

function refused(code: number, message: string, reason?: string): Result {
  return { refusal: { code, message, ...(reason === undefined ? {} : { reason }) } };
}

function qualified({ plural, group }: FakeResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function isDryRun({ query }: ApiRequest): boolean {
  return query.get('dryRun') === 'All';
}

function metadataOf(object: JsonObject): JsonObject {
  return isObject(object['metadata']) ? object['metadata'] : {};
}
