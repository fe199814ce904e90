import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONFIGURATION_SCHEMA, FORMATS } from '../../src/configuration/schema.ts';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { type Path, valueAt } from '../../src/core/path.ts';
import { LOG_LEVELS } from '../../src/telemetry/log-level.ts';
import { fieldsOf } from '../support/go-template.ts';
import { chartFile, merged, TEMPLATES } from '../support/helm-chart.ts';

interface Schema extends JsonObject {
  readonly properties?: Readonly<Record<string, Schema>>;
}

const SCHEMA = chartFile('values.schema.json') as Schema;
const VALUES = chartFile('values.yaml');
const isValid = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(SCHEMA);

/** What is wrong with values: where, and which key or what. */
function complaints(values: unknown): string[] {
  isValid(values);
  return (isValid.errors ?? []).map(({ instancePath, params, message }) => {
    const { additionalProperty } = params as { readonly additionalProperty?: string };
    return `${instancePath}: ${additionalProperty ?? message}`;
  });
}

/** The schema of a value, by its keys. */
function schemaAt(path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((schema, key) => resolved(schema?.properties?.[key]), SCHEMA);
}

function resolved(schema: Schema | undefined): Schema | undefined {
  const name = String(schema?.['$ref'] ?? '').replace('#/definitions/', '');
  return name === '' ? schema : (SCHEMA['definitions'] as Readonly<Record<string, Schema>>)[name];
}

/** Paths of all values that are no mappings, and of empty mappings. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
}

/** Paths of all mappings whose keys the schema knows. */
function mappings(value: unknown, path: Path = []): Path[] {
  if (!isObject(value) || schemaAt(path)?.properties === undefined) return [];
  return [path, ...Object.entries(value).flatMap(([key, member]) => mappings(member, [...path, key]))];
}

function under(path: Path, value: unknown): JsonObject {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as JsonObject;
}

const READ = [...TEMPLATES.values()].flatMap(fieldsOf).filter(([root]) => root === 'Values');
const isRead = (path: Path): boolean => READ.some(([, ...keys]) => keys.every((key, index) => key === path[index]));

describe('values.yaml', () => {
  test('is what its schema allows', () => {
    expect(complaints(VALUES)).toEqual([]);
    expect(complaints(merged(VALUES, chartFile('values-openshift.yaml')))).toEqual([]);
  });

  test('has only values that a template reads', () => {
    expect(leaves(VALUES).filter((path) => !isRead(path))).toEqual([]);
    expect(isRead(['webhook', 'replica'])).toBe(false);
  });

  test('has every value that a template reads', () => {
    expect(READ.length).toBeGreaterThan(20);
    expect(READ.filter(([, ...keys]) => valueAt(VALUES, keys) === undefined)).toEqual([]);
  });

  test('has every value of the schema, but for those of the configuration and what Helm adds', () => {
    const absent = mappings(VALUES)
      .flatMap((path) => Object.keys(schemaAt(path)?.properties ?? {}).map((key) => [...path, key]))
      .filter((path) => path[0] !== 'config' && valueAt(VALUES, path) === undefined);
    expect(absent).toEqual([['global']]);
  });
});

describe('the helm command lines of README and runbook', () => {
  const pages = ['README.md', 'docs/runbook.md'].map((page) => readFileSync(page, 'utf8')).join('\n');

  test('set values that the chart has, from files that there are', () => {
    const settings = [...pages.matchAll(/--set (\S+?)=([^\s`]+)/g)];
    expect(settings.length).toBeGreaterThan(2);
    for (const [, key = '', value = ''] of settings)
      expect(complaints(merged(VALUES, under(key.split('.'), parse(value)))), key).toEqual([]);
    const files = [...pages.matchAll(/deploy\/helm\/\S*?(?=[\s`)])/g)].map(([file]) => file);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(existsSync(file), file).toBe(true);
  });
});

describe('values.schema.json', () => {
  test.for(mappings(VALUES).map((path) => [path.join('.'), path] as const))('names a key that %j does not have', ([, path]) => {
    expect(complaints(merged(VALUES, under([...path, 'mispelt'], 1)))).toEqual([`${['', ...path].join('/')}: mispelt`]);
  });

  test.for([
    [{ webhook: { tolerations: [{ keys: 'a' }] } }, '/webhook/tolerations/0: keys'],
    [{ controller: { resources: { limit: {} } } }, '/controller/resources: limit'],
    [{ config: { exemptions: [{ rules: ['VHG101'], reason: 'lab', until: 'never' }] } }, '/config/exemptions/0: until'],
    [{ config: { exemptions: [{ rules: ['VHG101'], reason: ' ' }] } }, '/config/exemptions/0/reason: must match pattern "\\S"'],
    [{ certificates: 'certmanager' }, '/certificates: must be equal to one of the allowed values'],
    [{ webhook: { replicas: 0 } }, '/webhook/replicas: must be >= 1'],
    [{ image: { digest: 'sha256:1' } }, '/image/digest: must match pattern "^(sha256:[0-9a-f]{64})?$"'],
    [{ image: { tag: 1.2 } }, '/image/tag: must be string'],
  ] as const)('refuses %j', ([values, complaint]) => {
    expect(complaints(merged(VALUES, values))).toEqual([complaint]);
  });

  test('describes every value, but for those of the configuration', () => {
    const undescribed = mappings(VALUES)
      .flatMap((path) => Object.keys(schemaAt(path)?.properties ?? {}).map((key) => [...path, key]))
      .filter((path) => path[0] !== 'config' || path.length === 1)
      .filter((path) => schemaAt(path)?.['description'] === undefined);
    expect(undescribed).toEqual([]);
  });

  test('has the log levels of the program', () => {
    expect(new Set(schemaAt(['logLevel'])?.['enum'] as string[])).toEqual(new Set(['', ...LOG_LEVELS]));
  });
});

/** What Helm can check of each format of the configuration: it may allow more than the program, never less. */
const PATTERNS: Readonly<Record<string, string>> = {
  text: '\\S',
  day: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  namespace: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
  'label-key': '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$',
  'label-value': '^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$',
  'absolute-path': '^/',
};

describe('the schema of the configuration in the chart', () => {
  test("is the program's own, with patterns for its formats, and with the `off` that YAML reads as false", () => {
    const { description: _description, ...schema } = schemaAt(['config']) ?? {};
    const own = JSON.stringify(CONFIGURATION_SCHEMA, (key, value: unknown) => (key === 'format' ? undefined : inTheChart(value)));
    expect(schema).toEqual(JSON.parse(own));
  });

  test.for(Object.entries(FORMATS))('lets every %s pass that the program takes', ([format, { isValid: isTaken }]) => {
    const pattern = new RegExp(PATTERNS[format] ?? '(?!)');
    const parts = fc.constantFrom('a', 'B', '0', '2027', '-12-31', '-', '_', '.', '/', '..', ' ', 'ä', '\n');
    const texts = fc.array(parts, { maxLength: 6 }).map((drawn) => drawn.join(''));
    let taken = 0;
    const law = fc.property(texts, (text) => {
      if (!isTaken(text)) return;
      taken += 1;
      expect(text).toMatch(pattern);
    });
    fc.assert(law, { numRuns: 2000, examples: [['2027-12-31'], ['a/b'], ['/a'], ['a']] });
    expect(taken).toBeGreaterThan(0);
  });
});

function inTheChart(value: unknown): unknown {
  if (Array.isArray(value) && value.includes('off')) return [...value, false];
  if (!isObject(value) || value['format'] === undefined) return value;
  return { ...value, pattern: PATTERNS[String(value['format'])] };
}
