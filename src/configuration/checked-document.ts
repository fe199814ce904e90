import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv';
import { isObject, type JsonObject } from '../core/json.ts';
import { toFieldPath } from '../core/path.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { SyntaxProblem } from '../manifest/syntax-problem.ts';
import { type DocumentProblem, type MissingWords, toDocumentProblem } from './problem.ts';
import { FORMATS } from './schema.ts';

/**
 * What finds all that a JSON Schema has against a document. Ajv is loaded, and the schema compiled, on first use: that takes 50 ms, which
 * a run without such a document does not pay.
 */
export function createSchemaCheck(schema: object, missing: MissingWords): (candidate: JsonObject) => DocumentProblem[] {
  let validate: ValidateFunction | undefined;
  return (candidate) => {
    validate ??= compile(schema);
    return validate(candidate) ? [] : (validate.errors ?? []).map((error) => toDocumentProblem(error, candidate, missing));
  };
}

function compile(schema: object): ValidateFunction {
  const { Ajv } = createRequire(import.meta.url)('ajv') as typeof import('ajv');
  const formats = Object.fromEntries(Object.entries(FORMATS).map(([name, { isValid }]) => [name, isValid]));
  return new Ajv({ strict: true, allowUnionTypes: true, allErrors: true, verbose: true, formats }).compile(schema);
}

/** One line `file:line:column: …` for each problem, in the order of the text. */
export function describeProblems(manifest: Manifest, problems: readonly DocumentProblem[]): string[] {
  const placed = problems.map((problem) => ({ ...problem, position: manifest.locate(problem.path) }));
  placed.sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
  return placed.map(
    ({ path, message, position }) => `${manifest.file}:${position.line}:${position.column}: key "${toFieldPath(path)}": ${message}`,
  );
}

/** A syntax problem in one line `file:line:column: …`. */
export function describeSyntaxProblem({ file, line, column, message, hint }: SyntaxProblem): string {
  return `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The members that have a value, at every level: Kubernetes reads a key with nothing behind it as absent. */
export function withoutNulls(object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutNullsWithin(value)]));
}

function withoutNullsWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullsWithin);
  return isObject(value) ? withoutNulls(value) : value;
}
