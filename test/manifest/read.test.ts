import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readManifests } from '../../src/manifest/read.ts';

function objects(text: string, file = 'a.yaml'): unknown[] {
  const { manifests, errors } = readManifests(text, file);
  expect(errors).toEqual([]);
  return manifests.map(({ object }) => object);
}

function firstError(text: string, file = 'a.yaml') {
  return readManifests(text, file).errors[0];
}

function seed(name: string): string {
  return readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8');
}

test('reads documents, JSON values and lists as kubectl does', () => {
  expect(objects('a: 1\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(objects('a: 1\n...\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(objects('---\n# nothing\n---\n\n---\nnull\n---\na: 1\n')).toEqual([{ a: 1 }]);
  expect(objects('')).toEqual([]);
  expect(objects('\uFEFFa: 1\r\nb:\r\n- 2\r\n')).toEqual([{ a: 1, b: [2] }]);
  expect(objects('\uFEFF{\n\t"a":\t[1,\n\t\t2]\n}\n', 'a.json')).toEqual([{ a: [1, 2] }]);
  expect(objects('{"a": 1}{"b": 2}\n{"c": 3}\n', 'a.json')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  expect(objects('{"a": 1}\n---\n{"b": 2}\n', 'a.json')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(objects('{a: 1, b: [x,]}')).toEqual([{ a: 1, b: ['x'] }]);
  expect(objects('kind: List\nitems:\n- a: 1\n- b: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(objects('{"kind": "VirtualMachineList", "items": [{"a": 1}]}')).toEqual([{ a: 1 }]);
  expect(objects('kind: List\nitems: []\n')).toEqual([]);
  expect(objects('kind: Playlist\n')).toEqual([{ kind: 'Playlist' }]);
});

test('reads the seed manifests', () => {
  expect(objects(seed('seed-vmi.yaml'))).toMatchObject([
    { kind: 'VirtualMachineInstance', spec: { domain: { memory: { hugepages: { pageSize: '1Gi' } } } } },
  ]);
  expect(objects(seed('seed-nad.yaml'))).toMatchObject([
    { kind: 'NetworkAttachmentDefinition', spec: { config: expect.stringContaining('"ovs-dpdk"') } },
  ]);
});

test('names terminal residue at the end of a line as what it is', () => {
  expect(readManifests(seed('seed-nad-verbatim.yaml'), 'nad.yaml')).toEqual({
    manifests: [],
    errors: [
      {
        file: 'nad.yaml',
        line: 1,
        column: 167,
        message: '"[3/382]" is no YAML: it looks like residue of a terminal, the position indicator of tmux or screen copy mode',
        hint: 'delete "[3/382]" at the end of line 1',
        source: expect.stringMatching(/^apiVersion: "k8s.cni.cncf.io\/v1" +\[3\/382\]$/),
      },
    ],
  });
});

test.for<[string, unknown]>([
  ['yes', true],
  ['On', true],
  ['y', true],
  ['no', false],
  ['OFF', false],
  ['N', false],
  ['True', true],
  ['yEs', 'yEs'],
  ['~', null],
  ['', null],
  ['Null', null],
  ['0644', 420],
  ['-0644', -420],
  ['0o17', 15],
  ['089', 89],
  ['0x1F', 31],
  ['0b101', 5],
  ['+12', 12],
  ['1_000', 1000],
  ['.5', 0.5],
  ['1e3', 1000],
  ['1.', 1],
  ['52:54:00:12:34:56', '52:54:00:12:34:56'],
  ['190:20:30', '190:20:30'],
  ['2001-12-14', '2001-12-14'],
  ['1Gi', '1Gi'],
  ['0x', '0x'],
  ['!!str 5', '5'],
  ['!!binary aGk=', 'aGk='],
  ['!unknown x', 'x'],
  ['"yes"', 'yes'],
  ["'0644'", '0644'],
  ['|\n  yes\n', 'yes\n'],
])('reads the scalar %j as Kubernetes does', ([source, value]) => {
  expect(objects(`kind: X\nvalue: ${source}`)).toEqual([{ kind: 'X', value }]);
  expect(objects(`%YAML 1.1\n---\nkind: X\nvalue: ${source}`)).toEqual([{ kind: 'X', value }]);
});

test('reads keys as Kubernetes does', () => {
  expect(objects('on: 1\n0644: 2\n1.5: 3\n"no": 4\n')).toEqual([{ true: 1, '420': 2, '1.5': 3, no: 4 }]);
});

test('takes a List without items for an empty one', () => {
  expect(objects('apiVersion: v1\nkind: List\n---\nkind: List\nitems:\n')).toEqual([]);
});

test('resolves anchors, aliases and merge keys', () => {
  expect(objects('a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\ne: [*x]\n')).toEqual([
    { a: { b: 1, c: 2 }, d: { b: 1, c: 3 }, e: [{ b: 1, c: 2 }] },
  ]);
  expect(objects('a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n')).toMatchObject([{ c: { p: 1, q: 2 } }]);
  expect(objects('a: &x 1\nb: &x 2\nc: *x\n')).toMatchObject([{ c: 2 }]);
  expect(objects('"<<": {a: 1}\n')).toEqual([{ '<<': { a: 1 } }]);
});

test.for(['__proto__: {polluted: 1}\na: 1', '{"__proto__": {"polluted": 1}, "a": 1}', 'x: &x {__proto__: {polluted: 1}}\na: {<<: *x}'])(
  'keeps __proto__ an ordinary member: %j',
  (text) => {
    const [object] = objects(text) as [Record<string, unknown>];
    expect(JSON.stringify(object)).toContain('"__proto__":{"polluted":1}');
    expect((object as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  },
);

test.for<[string, number, number, RegExp]>([
  ['a: 1\nb: 2\na: 3\n', 3, 1, /^duplicate key "a"$/],
  ['{"a": 1,\n "a": 2}', 2, 2, /^duplicate key "a"$/],
  ['on: 1\n"true": 2\n', 2, 1, /^duplicate key "true"$/],
  ['- a\n', 1, 1, /^a manifest must be a mapping, not a list$/],
  ['5\n', 1, 1, /^a manifest must be a mapping, not a number$/],
  ['kind: List\nitems: x\n', 1, 1, /^items of a List must be a list, not a string$/],
  ['kind: List\nitems:\n- {kind: List, items: []}\n', 3, 3, /^a List in a List, which kubectl refuses$/],
  ['kind: List\nitems:\n- 5\n', 3, 3, /^a manifest must be a mapping, not a number$/],
  ['a: 1\nb: \0x\n', 2, 4, /^NUL byte at byte 8/],
  ['é: \x1b[0m\n', 1, 4, /^control character U\+001B at byte 4/],
  ['a:\n\t- 1\n', 2, 1, /^tabs are not allowed as indentation$/],
  ['a: "x\nb: 1\n', 1, 4, /^the " here is never closed$/],
  ['a: {b: 1\nc: 2\n', 1, 4, /^the { here is never closed$/],
  ['a: b: c\n', 1, 4, /^nested mappings are not allowed in compact mappings$/],
  ['a: *nowhere\n', 1, 4, /^unknown anchor "nowhere"$/],
  ['a: &x [*x]\n', 1, 8, /^anchor "x" contains itself$/],
  ['a:\n  <<: 1\n', 2, 7, /^a merge key needs a mapping/],
  ['? [a]\n: 1\n', 1, 3, /^a key must be a string$/],
  ['a: .inf\n', 1, 4, /^infinity and NaN have no JSON form$/],
])('reports %j at line %i column %i', ([text, line, column, message]) => {
  const { manifests, errors } = readManifests(text, 'a.yaml');
  expect(manifests).toEqual([]);
  expect(errors).toMatchObject([{ file: 'a.yaml', line, column, message: expect.stringMatching(message) }]);
});

test('reports JSON errors of JSON files', () => {
  expect(firstError('{"a": 1,\n "b" 2}', 'a.json')).toMatchObject({ line: 2, column: 6, message: 'expected ":"' });
  expect(firstError("{'a': 1}}", 'a.json')).toMatchObject({ line: 1, column: 2, message: 'unexpected symbol' });
});

test('says to render templates first', () => {
  expect(firstError('a: {{ .Values.a }}\n')).toMatchObject({ hint: 'render the template first, and check what comes out' });
});

test('reads the documents around one that is bad', () => {
  const { manifests, errors } = readManifests('a: 1\n---\nb: "x\n---\nc: {\n---\nd: 1\nd: 2\n---\ne: 1\n', 'a.yaml');
  expect(manifests.map(({ object, line }) => [line, object])).toEqual([
    [1, { a: 1 }],
    [10, { e: 1 }],
  ]);
  expect(errors.map(({ line, column }) => [line, column])).toEqual([
    [3, 4],
    [5, 4],
    [8, 1],
  ]);
});

test.for<[string, string]>([
  ['flow lists', '['.repeat(10_000)],
  ['closed flow lists', 'a: '.concat('['.repeat(10_000), ']'.repeat(10_000))],
  ['flow mappings', '{a: '.repeat(10_000)],
  ['JSON', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['block lists', `${'- '.repeat(10_000)}a`],
  ['explicit keys', `${'? '.repeat(10_000)}a`],
  ['block mappings', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
])('refuses %s nested 10,000 levels deep', ([, text]) => {
  expect(firstError(text)).toMatchObject({ message: 'nested deeper than 200 levels' });
  expect(readManifests(`a: 1\n---\n${text}\n---\nb: 1\n`, 'a.yaml').manifests.length).toBeGreaterThanOrEqual(1);
});

test('reads what is nested 150 levels deep', () => {
  expect(objects(`a: ${'['.repeat(150)}${']'.repeat(150)}`)).toHaveLength(1);
});

test('refuses an alias bomb', () => {
  const names = [...'abcdefghij'];
  const levels = names.slice(1).map((name, index) => `${name}: &${name} [${Array(9).fill(`*${names[index]}`).join(', ')}]`);
  expect(firstError(`a: &a [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`)).toMatchObject({
    message: 'aliases stand for more than 4 MiB of text',
  });
});

test('reads many aliases and many keys of honest size', () => {
  expect(objects(`a: &x 1\nb:\n${'- *x\n'.repeat(2000)}`)).toMatchObject([{ b: { length: 2000 } }]);
  const keys = Array.from({ length: 2000 }, (_, index) => `k${index}: 1`).join('\n');
  expect(Object.keys(objects(keys)[0] as object)).toHaveLength(2000);
});

const FRAGMENTS = [
  '- ',
  'a: ',
  'b',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|',
  '>-',
  '&x ',
  '*x',
  '<<: ',
  '\n',
  '\n  ',
  '\r\n',
  '\t',
  '---\n',
  '...\n',
  '#',
  '!',
  '!!int ',
  '%',
  '\0',
  ': ',
  '? ',
  ',',
  '\\',
  '\uFEFF',
  '%YAML 1.1\n',
  '0x',
  'kind: List\nitems: ',
];

test('never throws, whatever the text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, fc.constantFrom('a.yaml', 'a.json'), (some, file) => {
      const { manifests, errors } = readManifests(some, file);
      for (const { object, line } of manifests) expect([typeof object, line > 0]).toEqual(['object', true]);
      for (const { line, column, message } of errors) expect([line > 0, column > 0, message !== '']).toEqual([true, true, true]);
    }),
    { numRuns: 1000 },
  );
});
