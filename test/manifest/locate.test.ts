import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Path } from '../../src/core/path.ts';
import type { Manifest } from '../../src/manifest/manifest.ts';
import { readManifests } from '../../src/manifest/read.ts';
import type { Position } from '../../src/manifest/text-lines.ts';
import { allPaths, yamlText } from './arbitrary-manifest.ts';

function read(text: string, index = 0): Manifest {
  const manifest = readManifests(text, 'a.yaml').manifests[index];
  if (manifest === undefined) throw new Error('nothing read');
  return manifest;
}

/** What a position marks: `line:column text`. */
function marked(text: string, { line, column, endLine, endColumn }: Position): string {
  expect(endLine).toBe(line);
  const source = text.replace(/^\uFEFF/, '').split(/\r?\n/)[line - 1] ?? '';
  return `${line}:${column} ${source.slice(column - 1, endColumn - 1)}`;
}

const VM = `# a comment
kind: VirtualMachine
spec:
  memory:
    hugepages: {pageSize: "1Gi"}
  empty:
  interfaces:
  - name: net0 # the first
    masquerade: {}
  -
    name: net1
  - [x, y]
  text: |
    one
    two
`;

test.for<[Path, string]>([
  [[], '2:1 kind'],
  [['kind'], '2:7 VirtualMachine'],
  [['spec'], '3:1 spec'],
  [['spec', 'memory'], '4:3 memory'],
  [['spec', 'memory', 'hugepages'], '5:5 hugepages'],
  [['spec', 'memory', 'hugepages', 'pageSize'], '5:27 "1Gi"'],
  [['spec', 'memory', 'guest'], '4:3 memory'],
  [['spec', 'memory', 'guest', 'deeper', 0], '4:3 memory'],
  [['spec', 'empty'], '6:3 empty'],
  [['spec', 'empty', 'a'], '6:3 empty'],
  [['spec', 'interfaces', 0], '8:5 name'],
  [['spec', 'interfaces', 0, 'name'], '8:11 net0'],
  [['spec', 'interfaces', 0, 'binding'], '8:5 name'],
  [['spec', 'interfaces', 0, 'masquerade'], '9:5 masquerade'],
  [['spec', 'interfaces', 1], '11:5 name'],
  [['spec', 'interfaces', 2], '12:5 [x, y]'],
  [['spec', 'interfaces', 2, 1], '12:9 y'],
  [['spec', 'interfaces', 9], '7:3 interfaces'],
  [['spec', 'text'], '13:9 |'],
  [['nothing'], '2:1 kind'],
  [['kind', 'length'], '2:1 kind'],
  [['__proto__'], '2:1 kind'],
])('locates %j', ([path, expected]) => {
  expect(marked(VM, read(VM).locate(path))).toBe(expected);
  const windows = `\uFEFF${VM.replaceAll('\n', '\r\n')}`;
  expect(marked(windows, read(windows).locate(path))).toBe(expected);
});

const SHARED = `base: &base
  cpu: {cores: 2}
  machine: &machine q35
copy: *base
merged:
  <<: [{own: 1}, *base]
  machine: *machine
list: [*base]
`;

test.for<[Path, string]>([
  [['copy'], '4:1 copy'],
  [['copy', 'cpu', 'cores'], '2:16 2'],
  [['merged', 'machine'], '3:21 q35'],
  [['merged', 'cpu'], '2:3 cpu'],
  [['merged', 'cpu', 'cores'], '2:16 2'],
  [['merged', 'own'], '6:14 1'],
  [['merged', 'missing'], '5:1 merged'],
  [['list', 0], '8:8 *base'],
  [['list', 0, 'cpu', 'cores'], '2:16 2'],
])('locates %j through aliases and merge keys', ([path, expected]) => {
  expect(marked(SHARED, read(SHARED).locate(path))).toBe(expected);
});

test('locates in JSON and in the items of lists', () => {
  const json = '{\n  "kind": "List",\n  "items": [\n    {"a": {"b": 1}},\n    {"c": [true]}\n  ]\n}\n';
  expect(marked(json, read(json, 0).locate([]))).toBe('4:5 {"a": {"b": 1}}');
  expect(marked(json, read(json, 0).locate(['a', 'b']))).toBe('4:17 1');
  expect(marked(json, read(json, 1).locate(['c']))).toBe('5:6 "c"');
  expect(read(json, 1).line).toBe(5);
  const yaml = 'a: 1\n---\nkind: List\nitems:\n- b: 2\n- c: 3\n';
  expect(marked(yaml, read(yaml, 2).locate(['c']))).toBe('6:6 3');
  expect(marked(yaml, read(yaml, 2).locate([]))).toBe('6:3 c');
});

const NAD = readFileSync(new URL('../data/seed-nad.yaml', import.meta.url), 'utf8');

test.for<[Path, string]>([
  [['spec', 'config'], "6:11 '{"],
  [['spec', 'config', 'host', 'vhost', 'mode'], '18:33 "client"'],
  [['spec', 'config', 'host', 'vhost'], '17:17 "vhost"'],
  [['spec', 'config', 'HOST', 'Vhost', 'MODE'], '18:33 "client"'],
  [['spec', 'config', 'host', 'vhost', 'group'], '17:17 "vhost"'],
  [['spec', 'config', 'ipam', 'routes', 0, 'dst'], '39:40 "0.0.0.0/0"'],
  [['spec', 'config', 'nothing'], '6:3 config'],
])('locates %j in the configuration of the seed network', ([path, expected]) => {
  expect(marked(NAD, read(NAD).locate(path))).toBe(expected);
});

test.for<[string, string, string]>([
  ['single quotes', `config: '{"a": {"b": "it''s"}, "c": 5}'\n`, '1:37 5'],
  ['double quotes', 'config: "{\\"a\\": {\\"b\\": \\"\\u00e9\\\\n\\"}, \\"c\\": 5}"\n', '1:49 5'],
  ['folded double quotes', 'config: "{\\"a\\": {\\"b\\": \\\n  1},\n\n  \\"c\\": 5}"\n', '4:10 5'],
  ['a literal', 'config: |\n    {\n      "a": {"b": 1},\n      "c": 5\n    }\n', '4:12 5'],
  ['a folded text', 'config: >-\n  {"a":\n  {"b": 1},\n\n  "c": 5}\n', '5:8 5'],
  ['a plain list', 'config:\n  [1,\n  2]\n', '1:1 config'],
  ['JSON', `{"config": ${JSON.stringify(JSON.stringify({ a: { b: '"\n' }, c: 5 }, null, 1))}}`, '1:62 5'],
  ['duplicate keys', `config: '{"c": 1, "C": 3, "c": 5}'\n`, '1:32 5'],
  ['another case', `config: '{"a": 1, "C": 5}'\n`, '1:24 5'],
  ['an anchor', `other: &x '{"c": 5}'\nconfig: *x\n`, '1:18 5'],
  ['no JSON', `config: '{"c": 5'\n`, `1:1 config`],
])('locates in JSON inside %s', ([, text, expected]) => {
  expect(marked(text, read(text).locate(['config', 'c']))).toBe(expected);
});

test('locates a character inside a string, or the string where that cannot be told', () => {
  expect(
    marked(
      NAD,
      read(NAD).locateOffset(
        ['spec', 'config'],
        String(read(NAD).object['spec'] && (read(NAD).object['spec'] as { config: string }).config).indexOf('"client"'),
      ),
    ),
  ).toBe('18:33 "');
  const broken = `config: '{"a": ,\n  "b": }'\n`;
  const value = String(read(broken).object['config']);
  expect(marked(broken, read(broken).locateOffset(['config'], value.indexOf('}')))).toBe('2:8 }');
  expect(marked(broken, read(broken).locateOffset(['config'], value.length))).toBe('2:9 ');
  expect(marked(broken, read(broken).locateOffset(['config'], 999))).toBe(`1:9 '{"a": ,`);
  expect(marked(broken, read(broken).locateOffset(['missing'], 3))).toBe('1:1 config');
});

test('locates any path, and every value on a line that holds it', () => {
  const anything = fc.array(fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constantFrom('kind', '__proto__', 'a', 0, -1)), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(yamlText, anything, ({ text, object }, wild) => {
      const manifest = read(text);
      const count = text.split('\n').length;
      for (const path of [wild, ...allPaths(object)]) {
        const { line, column, endLine, endColumn } = manifest.locate(path);
        expect(line >= 1 && endLine === line && line <= count).toBe(true);
        expect(column >= 1 && endColumn >= column).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
