import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isObject, type JsonObject } from '../../src/core/json.ts';

const REVIEWS = new URL('../data/admission-reviews/', import.meta.url);

interface RecordedReview {
  readonly request: {
    readonly object: JsonObject | null;
    readonly oldObject: JsonObject | null;
  };
}

/** The objects of the recorded reviews, new and old. */
export const RECORDED_OBJECTS: readonly JsonObject[] = readdirSync(REVIEWS).flatMap((name) => {
  const { request } = JSON.parse(readFileSync(new URL(name, REVIEWS), 'utf8')) as RecordedReview;
  return [request.object, request.oldObject].filter((object) => object !== null);
});

/** Every place in a JSON value. */
function pathsOf(value: unknown, prefix: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return [prefix, ...entries.flatMap(([key, member]) => pathsOf(member, [...prefix, key]))];
}

/** The value with what lies at `path` replaced. */
function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.with(Number(key), replaced(value[Number(key)], rest, by));
  if (!isObject(value)) return by;
  return { ...value, [key]: replaced(value[key], rest, by) };
}

const ODD_VALUES: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    Number.MAX_VALUE,
    true,
    [],
    {},
    [null],
    [[]],
    { name: 5 },
    '-1Gi',
    '1e400',
    'one',
    '{',
    '[]',
    '{"plugins":"x"}',
    '__proto__',
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Objects with up to four places made into something else: near enough to real for every rule to look at. */
export const bent = (objects: readonly JsonObject[]): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(fc.constantFrom(...objects), fc.array(fc.tuple(fc.nat(), ODD_VALUES), { maxLength: 4 }))
    .map(([object, bends]) =>
      bends.reduce<unknown>((current, [at, value]) => {
        const paths = pathsOf(current).filter(([first]) => first !== undefined && first !== 'kind' && first !== 'apiVersion');
        const path = paths[at % Math.max(1, paths.length)];
        return path === undefined ? current : replaced(current, path, value);
      }, object),
    )
    .filter(isObject);

/** Any JSON mapping at all, given one of our kinds. */
export const anyObjects: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.constantFrom(...RECORDED_OBJECTS), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })))
  .map(([{ apiVersion, kind }, members]) => ({ ...members, apiVersion, kind }));

export const bentObjects = bent(RECORDED_OBJECTS);
