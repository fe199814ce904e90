import { type Answer, isMissingVerb, remarkOf } from '../cluster/api-server.ts';
import { isAnonymous } from '../cluster/list.ts';
import type { Send } from '../cluster/writes.ts';
import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject, quote } from '../core/json.ts';

/** Where the API server has an object, or the objects of a kind. */
export interface Place {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: string;
}

/** What came of a look: `refused` says why nothing is known. */
export type Reading<T> =
  | { readonly state: 'found'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'refused'; readonly why: string };

/** The path of a place below the API server's URL. */
export function pathOf({ group, version, plural, namespace, name, labelSelector }: Place): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const inside = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const query = labelSelector === undefined ? '' : `?${new URLSearchParams({ labelSelector })}`;
  return `${root}${inside}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${query}`;
}

/** Reads the object that `place` names. @throws AppError CLUSTER_UNREACHABLE */
export async function readObject(send: Send, place: Place): Promise<Reading<JsonObject>> {
  const answer = await send('GET', pathOf(place));
  if (answer.status === 404) return { state: 'absent' };
  if (answer.status === 200 && isObject(answer.body)) return { state: 'found', value: answer.body };
  return { state: 'refused', why: describeRefusal(answer, 'get', place) };
}

/** Lists what is at `place`; a kind that is not installed is `absent`. @throws AppError CLUSTER_UNREACHABLE */
export async function readObjects(send: Send, place: Place): Promise<Reading<readonly JsonObject[]>> {
  const answer = await send('GET', pathOf(place));
  if (answer.status === 404) return { state: 'absent' };
  const items = isObject(answer.body) ? answer.body['items'] : undefined;
  if (answer.status === 200 && Array.isArray(items)) return { state: 'found', value: items.filter(isObject) };
  return { state: 'refused', why: describeRefusal(answer, 'list', place) };
}

/** One line on an answer that is a refusal: the permission that is missing, where it is that. @throws AppError CLUSTER_UNREACHABLE without credentials */
export function describeRefusal(answer: Answer, verb: string, { group, plural, namespace }: Place): string {
  const { status } = answer;
  if (status === 401 || isAnonymous(answer)) throw badCredentials(status);
  const where = `${group === '' ? 'the core API group' : `the API group ${quote(group)}`}${namespace === undefined ? '' : `, namespace ${quote(namespace)}`}`;
  if (isMissingVerb(answer)) return `the user's role lacks the verb ${quote(verb)} on the resource ${quote(plural)} in ${where}`;
  return `the API server answers ${verb} of ${plural} with ${status}${remarkOf(answer.body)}`;
}

/** The error of a user whom the API server does not know. */
export function badCredentials(status: number): AppError {
  return new AppError('CLUSTER_UNREACHABLE', `the API server does not accept the user's credentials (${status})`, {
    hint: 'log in again: a token or client certificate that has expired, or none',
  });
}

/** What the API server says beside its status; empty where it says nothing. */
export function messageOf({ body }: Answer): string {
  return isObject(body) && typeof body['message'] === 'string' ? body['message'] : '';
}
