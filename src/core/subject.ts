import { isObject, type JsonObject } from './json.ts';

/** One object under evaluation, whatever door it came through. */
export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** Empty where the API server will make it from `generateName`. */
  readonly name: string;
  readonly object: JsonObject;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly oldObject?: JsonObject;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A host is in no namespace, and no API server knows the kind. */
const HOST_SNAPSHOT = 'HostSnapshot';

/** The subject that creating `object` would be. @param defaultNamespace where kubectl would put it. */
export function subjectOf(object: JsonObject, defaultNamespace: string): Subject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const kind = text(object['kind']);
  return {
    apiVersion: text(object['apiVersion']),
    kind,
    namespace: text(metadata['namespace']) || (kind === HOST_SNAPSHOT ? '' : defaultNamespace),
    name: text(metadata['name']) || text(metadata['generateName']),
    object,
    operation: 'CREATE',
  };
}

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
