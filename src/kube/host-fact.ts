import type { Field } from '../core/field.ts';
import { isObject } from '../core/json.ts';
import { type Path, toFieldPath } from '../core/path.ts';

/** A part of a host that nobody could read, and where it would stand. What a rule yields of it is a skip. */
export interface Unread {
  readonly path: Path;
  readonly unknown: string;
}

/** A part of a host as it was found, or why it is not known. */
export type Fact<T> = { readonly value: T } | Unread;

export function isUnread<T>(fact: Fact<T>): fact is Unread {
  return 'unknown' in fact;
}

/**
 * Reads a part that may be `{unknown: reason}`. One that is missing is unknown too: a snapshot that leaves it out says nothing of it.
 *
 * @param read gives `undefined` for what has not the shape of the part, of which the field itself then tells.
 */
export function readFact<T>(field: Field, read: (field: Field) => T | undefined): Fact<T> {
  const { value } = field;
  if (!field.isSet) return unread(field, 'is not in the snapshot');
  const reason = isObject(value) && Object.hasOwn(value, 'unknown') ? value['unknown'] : undefined;
  if (typeof reason === 'string') return { path: field.path, unknown: reason };
  if (reason !== undefined) return unread(field, 'is not known');
  const found = read(field);
  return found === undefined ? unread(field, 'is not readable') : { value: found };
}

/** Its path is put together here only: thousands of facts are read, and nearly all are known. */
function unread({ path }: Field, why: string): Unread {
  return { path, unknown: `${toFieldPath(path)} ${why}` };
}

/** The items of a list as `read` makes them; `undefined` for what is no list. */
export function listOf<T>(field: Field, read: (item: Field) => T): T[] | undefined {
  if (Array.isArray(field.value)) return field.items().map(read);
  field.reject('a list');
  return undefined;
}

/** A part that is a mapping, as `read` makes it; `undefined` for what is none. */
export function mappingOf<T>(field: Field, read: (field: Field) => T): T | undefined {
  return field.object() === undefined ? undefined : read(field);
}

export function textsOf(field: Field): string[] | undefined {
  return listOf(field, (item) => item.string())?.filter((text) => text !== undefined);
}

/** Whole numbers, such as of CPUs. */
export function numbersOf(field: Field): number[] | undefined {
  return listOf(field, (item) => item.count())?.filter((number) => number !== undefined);
}

/** A mapping from texts to texts, as OVSDB has them. */
export function textMapOf(field: Field): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const key of Object.keys(field.object() ?? {})) {
    const text = field.get(key).string();
    if (text !== undefined) map.set(key, text);
  }
  return map;
}
