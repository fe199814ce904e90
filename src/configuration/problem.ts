import type { ErrorObject } from 'ajv';
import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { type Path, valueAt } from '../core/path.ts';
import { FORMATS } from './schema.ts';

/** One mistake in a document that the user wrote for us: which key, and what is wrong with it. */
export interface DocumentProblem {
  readonly path: Path;
  readonly message: string;
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
  boolean: 'true or false',
  integer: 'a whole number',
};

/** What to say of required keys that are not there, after the key's name. */
export type MissingWords = Readonly<Record<string, string>>;

/** What ajv found (compiled with `verbose`) in a document, in the user's words. */
export function toDocumentProblem(error: ErrorObject, document: unknown, missing: MissingWords): DocumentProblem {
  const path = toPath(error.instancePath, document);
  const params: Readonly<Record<string, unknown>> = error.params;
  if (error.keyword === 'additionalProperties') {
    const key = String(params['additionalProperty']);
    return {
      path: [...path, key],
      message: describeUnknownKey(key, Object.keys(error.parentSchema?.['properties'] ?? {})),
    };
  }
  if (error.keyword === 'required') {
    const key = String(params['missingProperty']);
    return { path: [...path, key], message: missing[key] ?? 'is missing' };
  }
  return { path, message: describeValue(error) };
}

function describeUnknownKey(key: string, known: readonly string[]): string {
  if (known.length === 0) return 'unknown key: this mapping must be empty';
  const meant = nearest(key, known);
  return meant === undefined ? `unknown key: known here are ${known.join(', ')}` : `unknown key, did you mean "${meant}"?`;
}

function describeValue({ keyword, params, schema, data }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return `must be ${typesOf(params['type'])}, not ${quote(data)}`;
    case 'enum':
      return `must be ${oneOf(schema as readonly string[])}, not ${quote(data)}`;
    case 'format':
      return `must be ${FORMATS[String(schema)]?.expected}, not ${quote(data)}`;
    case 'minimum':
      return `must be at least ${String(schema)}, not ${quote(data)}`;
    case 'maximum':
      return `must be at most ${String(schema)}, not ${quote(data)}`;
    case 'minLength':
    case 'minItems':
      return 'must not be empty';
    case 'minProperties':
    case 'maxProperties':
      return 'must have either "emptyDir: {}" or "hostPath: DIRECTORY"';
    default:
      throw new Error(`internal error: no words for the schema keyword ${keyword}`);
  }
}

function typesOf(types: unknown): string {
  return [types]
    .flat()
    .map((type) => TYPES[String(type)])
    .join(' or ');
}

function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return [quoted.slice(0, -1).join(', '), quoted.at(-1)].filter((part) => part !== '').join(' or ');
}

/** Reads a JSON pointer; a segment is an index where the document has a list. */
function toPath(pointer: string, document: unknown): Path {
  const path: (string | number)[] = [];
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(valueAt(document, path)) ? Number(key) : key);
  }
  return path;
}
