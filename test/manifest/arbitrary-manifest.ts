import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type Document, parseDocument, type Scalar, visit, type YAMLMap, type YAMLSeq, Document as YamlDocument } from 'yaml';
import type { Edit } from '../../src/core/edit.ts';
import { isObject } from '../../src/core/json.ts';
import { type Path, valueAt } from '../../src/core/path.ts';

const KEYS = ['a', 'b', 'name', 'spec', 'k8s.v1.cni.cncf.io/networks', 'on', '0644', 'two words', '-', '#', '~', '', '{', '__proto__'];
const STRINGS = [
  '',
  'x',
  'yes',
  '0644',
  '1_000',
  '52:54:00:12:34:56',
  '12:30',
  'null',
  '~',
  ' lead',
  'trail ',
  '# no comment',
  'a: b',
  'a\nb',
  'a\n\nb\n',
  "it's",
  '"q"',
  '\\',
  '- x',
  '*x',
  '{}',
  'é☃',
  '2001-01-01',
  '=',
  '.5',
  '1e3',
  '!x',
  '%',
  '|',
  'x'.repeat(120),
];

const key = fc.constantFrom(...KEYS);
const scalar = fc.oneof(
  fc.constantFrom(...STRINGS),
  fc.integer({ min: -5, max: 5000 }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(0.5, 1e21, -1.25),
);

/** JSON values as manifests have them, with keys and strings that YAML finds hard. */
export const jsonValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; mapping: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('mapping')),
  mapping: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
})).value;

const manifestObject = fc.dictionary(key, jsonValue, { minKeys: 1, maxKeys: 5 }).map((members) => ({ kind: 'Thing', ...members }));

interface Written {
  readonly text: string;
  readonly object: Record<string, unknown>;
}

/** An object as YAML text in a layout that somebody may have chosen: quotes, brackets, comments, indentation, line endings. */
export const yamlText: fc.Arbitrary<Written> = fc
  .tuple(manifestObject, fc.gen())
  .map(([object, gen]) => write(object, gen, true))
  .filter(isWrittenRight);

/** The same without brackets, but for empty collections. */
export const blockYamlText: fc.Arbitrary<Written> = fc
  .tuple(manifestObject, fc.gen())
  .map(([object, gen]) => write(object, gen, false))
  .filter(isWrittenRight);

function write(object: Record<string, unknown>, gen: fc.GeneratorValue, hasFlow: boolean): Written {
  const document = new YamlDocument(object, { version: '1.1', aliasDuplicateObjects: false });
  decorate(document, gen, hasFlow);
  const layout = {
    indent: gen(fc.constantFrom, 2, 4),
    indentSeq: gen(fc.boolean),
    lineWidth: gen(fc.constantFrom, 0, 40),
    flowCollectionPadding: gen(fc.boolean),
  };
  const text = document.toString(layout);
  const lines = gen(fc.boolean) ? text : text.replace(/\n$/, '');
  const ended = gen(fc.boolean) ? lines.replaceAll('\n', '\r\n') : lines;
  return { text: `${gen(fc.boolean) ? '\uFEFF' : ''}${ended}`, object };
}

/** The library writes some layouts, such as an empty list on a line of its own, in a way that is not the same value. */
function isWrittenRight({ text, object }: Written): boolean {
  const document = parseDocument(text, { version: '1.1' });
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), object);
}

const KEY_STYLES = ['QUOTE_SINGLE', 'QUOTE_DOUBLE'] as const;
const STYLES = [...KEY_STYLES, 'BLOCK_LITERAL', 'BLOCK_FOLDED', 'PLAIN'] as const;

function decorate(document: Document, gen: fc.GeneratorValue, hasFlow: boolean): void {
  visit(document, {
    Scalar: (role, node) => {
      if (typeof node.value === 'string' && gen(fc.boolean)) node.type = gen(fc.constantFrom, ...(role === 'key' ? KEY_STYLES : STYLES));
      comment(node, role === 'key', gen);
    },
    Collection: (role, node) => {
      if (hasFlow && gen(fc.nat, { max: 3 }) === 3) node.flow = true;
      comment(node, role === 'key', gen);
    },
  });
}

function comment(node: Scalar | YAMLMap | YAMLSeq, isKey: boolean, gen: fc.GeneratorValue): void {
  if (!isKey && gen(fc.nat, { max: 6 }) === 6) node.comment = ' beside';
  if (gen(fc.nat, { max: 6 }) === 6) node.commentBefore = ' above';
  if (gen(fc.nat, { max: 6 }) === 6) node.spaceBefore = true;
}

/** Paths to all values of an object but itself. */
export function allPaths(value: unknown, path: Path = []): Path[] {
  const members = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return members.flatMap(([name, member]) => [[...path, name], ...allPaths(member, [...path, name])]);
}

/** An edit that fits the object: of what is there, or of what is not there yet. */
export function editOf(object: unknown, gen: fc.GeneratorValue): Edit {
  const paths = allPaths(object);
  const value = gen(() => jsonValue);
  const path = gen(fc.constantFrom, ...paths);
  const at = valueAt(object, path);
  const parent = valueAt(object, path.slice(0, -1));
  const fresh = gen(fc.constantFrom, 'new', 'nodeSelector', 'yes', 'a.b/c');
  if (Array.isArray(at)) return gen(fc.boolean) ? { op: 'append', path, value } : { op: 'set', path, value };
  if (isObject(at) && !Object.hasOwn(at, fresh)) {
    const rest = gen(fc.boolean) ? [fresh] : [fresh, 'deep'];
    return { op: gen(fc.boolean) ? 'set' : 'append', path: [...path, ...rest], value };
  }
  if (isObject(parent) && !Object.hasOwn(parent, fresh) && gen(fc.boolean)) return { op: 'rename', path, key: fresh, value };
  if (at === null) return { op: 'set', path: [...path, fresh], value };
  return { op: 'set', path, value };
}
