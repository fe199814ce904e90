import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Edit } from '../../src/core/edit.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { rewrite } from '../../src/manifest/rewrite.ts';

function edited(text: string, ...edits: Edit[]): string {
  const { manifests, errors } = readManifests(text, 'vm.yaml');
  expect(errors).toEqual([]);
  return rewrite(
    text,
    manifests.slice(0, 1).map((manifest) => ({ manifest, edits })),
  );
}

const set = (path: Edit['path'], value: unknown): Edit => ({ op: 'set', path, value });
const append = (path: Edit['path'], value: unknown): Edit => ({ op: 'append', path, value });
const rename = (path: Edit['path'], key: string, value: unknown): Edit => ({ op: 'rename', path, key, value });

const LABEL = 'network.operator.openshift.io/external-openvswitch';

test.for<[string, Edit, string, string]>([
  ['replaces a scalar and keeps its comment', set(['a'], 'q35'), 'a:   pc  # old\nb: 1\n', 'a:   q35  # old\nb: 1\n'],
  ['fills an empty value', set(['a'], 5), 'a:  # none\nb: 1\n', 'a: 5  # none\nb: 1\n'],
  ['fills an empty value with a mapping', set(['a', 'b'], 'x'), 'a:  # none\nc: 1\n', 'a:  # none\n  b: x\nc: 1\n'],
  ['fills null', set(['a', 'b'], 'x'), 'a: null\nc: 1\n', 'a:\n  b: x\nc: 1\n'],
  ['fills an empty mapping', set(['a', 'b'], 'x'), 'a: {}  # labels\nc: 1\n', 'a:  # labels\n  b: x\nc: 1\n'],
  ['fills an empty list', append(['a'], 'x'), 'a: []  # none\nc: 1\n', 'a:  # none\n- x\nc: 1\n'],
  ['fills an empty list as deep as other lists', append(['b'], 'x'), 'a:\n  - 1\nb: []\n', 'a:\n  - 1\nb:\n  - x\n'],
  ['adds a mapping', set(['spec', 'nodeSelector', LABEL], ''), 'spec:\n  a: 1\n', `spec:\n  a: 1\n  nodeSelector:\n    ${LABEL}: ""\n`],
  [
    'adds with the indentation of the document',
    set(['spec', 'c', 'd'], true),
    'spec:\n    a:\n        b: 1\n',
    'spec:\n    a:\n        b: 1\n    c:\n        d: true\n',
  ],
  [
    'adds before comments that belong elsewhere',
    set(['a', 'c'], 1),
    'a:\n  b: 1 # one\n# about d\nd: 1\n',
    'a:\n  b: 1 # one\n  c: 1\n# about d\nd: 1\n',
  ],
  [
    'adds after comments that belong to what is before',
    set(['a', 'd'], 1),
    'a:\n  b:\n    c: 1\n    # about c\n\ne: 1\n',
    'a:\n  b:\n    c: 1\n    # about c\n  d: 1\n\ne: 1\n',
  ],
  ['adds after a text', set(['a', 'c'], 1), 'a:\n  b: |\n    text\n\n\ne: 1\n', 'a:\n  b: |\n    text\n  c: 1\n\n\ne: 1\n'],
  [
    'adds after a text that keeps its end',
    set(['a', 'c'], 1),
    'a:\n  b: |+\n    text\n\ne: 1\n',
    'a:\n  b: |+\n    text\n\n  c: 1\ne: 1\n',
  ],
  ['adds at the end of a file without a last line ending', set(['b'], 1), 'a: 1', 'a: 1\nb: 1'],
  ['adds with the line endings of the file', set(['b', 'c'], 1), '\uFEFFa: 1\r\n', '\uFEFFa: 1\r\nb:\r\n  c: 1\r\n'],
  ['adds before the end of the document', set(['b'], 1), 'a: 1\n...\n', 'a: 1\nb: 1\n...\n'],
  ['adds to a mapping in a list', set(['a', 0, 'c'], 1), 'a:\n- b: 1\n- b: 2\n', 'a:\n- b: 1\n  c: 1\n- b: 2\n'],
  ['adds to a mapping below its dash', set(['a', 0, 'c'], 1), 'a:\n  -\n    b: 1\n', 'a:\n  -\n    b: 1\n    c: 1\n'],
  ['adds to a mapping with an anchored key', set(['a', 0, 'c'], 1), 'a:\n- &x b: 1\n', 'a:\n- &x b: 1\n  c: 1\n'],
  ['appends to a list', append(['a'], { b: 2, c: [1] }), 'a:\n- b: 1\n# end\n', 'a:\n- b: 1\n- b: 2\n  c:\n  - 1\n# end\n'],
  [
    'appends to an indented list',
    append(['a'], { b: 2, c: [1] }),
    'a:\n  - b: 1\nd: 1\n',
    'a:\n  - b: 1\n  - b: 2\n    c:\n      - 1\nd: 1\n',
  ],
  ['appends to a list in a list', append(['a', 0], 'w'), 'a:\n- - x\n- - z\n', 'a:\n- - x\n  - w\n- - z\n'],
  ['makes the list it appends to', append(['a', 'b'], 'x'), 'a:\n  c: 1\n', 'a:\n  c: 1\n  b:\n  - x\n'],
  ['replaces a mapping by a scalar', set(['a'], 1), 'a: # why\n  b: 1\n  c: 2\nd: 1\n', 'a: 1 # why\nd: 1\n'],
  ['replaces a scalar by a mapping', set(['a'], { b: 1 }), 'a: 1 # why\nd: 1\n', 'a: # why\n  b: 1\nd: 1\n'],
  ['replaces a text', set(['a'], 'x'), 'a: |-\n  one\n  two\n\nb: 1\n', 'a: x\n\nb: 1\n'],
  ['replaces a value below a comment', set(['a'], 'x\ny'), 'a:\n  # why\n  one\nb: 1\n', 'a: "x\\ny"\n  # why\nb: 1\n'],
  ['replaces an item', set(['a', 0], { b: 1, c: 2 }), 'a:\n- x # first\n- y\n', 'a:\n- b: 1 # first\n  c: 2\n- y\n'],
  ['replaces an alias', set(['b'], 2), 'a: &x 1\nb: *x\n', 'a: &x 1\nb: 2\n'],
  ['replaces a tag with its value', set(['a'], 7), 'a: !!str 5\n', 'a: 7\n'],
  ['overrules what is merged in', set(['b', 'c'], 2), 'a: &x {c: 1}\nb:\n  <<: *x\n', 'a: &x {c: 1}\nb:\n  <<: *x\n  c: 2\n'],
  [
    'renames and keeps order and comments',
    rename(['a', 0, 'vhostuser'], 'binding', { name: 'vhostuser' }),
    'a:\n- name: a\n  vhostuser: {}  # fork\n  model: virtio\n',
    'a:\n- name: a\n  binding:  # fork\n    name: vhostuser\n  model: virtio\n',
  ],
  [
    'renames between brackets',
    rename(['a', 'vhostuser'], 'binding', { name: 'vhostuser' }),
    'a: {name: x, vhostuser: {}}  # fork\n',
    'a: {name: x, binding: {name: vhostuser}}  # fork\n',
  ],
  ['adds between brackets', set(['a', 'c'], 'no'), 'a: {b: 1}\n', 'a: {b: 1, c: "no"}\n'],
  [
    'adds between brackets over several lines',
    set(['a', 'd'], 1),
    'a: {\n  b: 1, # one\n  c: 2  # two\n}\n',
    'a: {\n  b: 1, # one\n  c: 2,  # two\n  d: 1\n}\n',
  ],
  ['adds before a last comma', append(['a'], 2), 'a: [1,]\n', 'a: [1, 2,]\n'],
  ['adds between quoted keys as JSON', set(['a', 'c'], 'x'), 'a: {"b": 1}\n', 'a: {"b": 1, "c": "x"}\n'],
  [
    'quotes what would be read as another type',
    set(['a'], ['yes', '0644', '1_0', '', 'null', '52:54:00:12:34:56', '1Gi', '# x', 'a: b']),
    'a: 1\n',
    'a:\n- "yes"\n- "0644"\n- "1_0"\n- ""\n- "null"\n- "52:54:00:12:34:56"\n- 1Gi\n- "# x"\n- "a: b"\n',
  ],
  ['quotes a key that would merge', set(['<<'], 'x'), 'a: 1\n', 'a: 1\n"<<": x\n'],
  ['adds to JSON on one line', set(['c'], { d: [1] }), '{"a":1,"b":"x"}', '{"a":1,"b":"x","c":{"d": [1]}}'],
  [
    'adds to JSON over several lines',
    set(['c'], { d: [1] }),
    '{\n\t"a": 1\n}\n',
    '{\n\t"a": 1,\n\t"c": {\n\t\t"d": [\n\t\t\t1\n\t\t]\n\t}\n}\n',
  ],
  ['fills an empty mapping in JSON', set(['a', 'b'], 1), '{\n  "a": {}\n}\n', '{\n  "a": {\n    "b": 1\n  }\n}\n'],
  [
    'edits JSON in single quotes',
    set(['config', 'host', 'mode'], "it's"),
    'config: \'{\n    "host": {\n      "mode": "x" }\n  }\' # end\n',
    'config: \'{\n    "host": {\n      "mode": "it\'\'s" }\n  }\' # end\n',
  ],
  [
    'adds to JSON in single quotes',
    set(['config', 'host', 'group'], 'g'),
    'config: \'{\n    "host": {\n      "mode": "x"\n    }\n  }\'\n',
    'config: \'{\n    "host": {\n      "mode": "x",\n      "group": "g"\n    }\n  }\'\n',
  ],
  [
    'edits JSON in double quotes',
    set(['config', 'b'], 'x'),
    'config: "{\\n  \\"a\\": 1\\n}"\n',
    'config: "{\\n  \\"a\\": 1,\\n  \\"b\\": \\"x\\"\\n}"\n',
  ],
  [
    'edits JSON in a literal',
    set(['config', 'b', 'c'], 'x'),
    'config: |\n  {\n    "a": 1\n  }\nd: 1\n',
    'config: |\n  {\n    "a": 1,\n    "b": {\n      "c": "x"\n    }\n  }\nd: 1\n',
  ],
  ['edits JSON in JSON', set(['config', 'a'], 'x'), '{"config": "{\\"a\\":\\"y\\"}"}', '{"config": "{\\"a\\":\\"x\\"}"}'],
])('%s', ([, edit, before, after]) => {
  expect(edited(before, edit)).toBe(after);
});

test('makes edits that build on each other, in several documents and in lists', () => {
  const text = '# one\na: 1\n---\nkind: List\nitems:\n- b: 1\n- c: 1 # see\n---\nd: {\n';
  const { manifests } = readManifests(text, 'many.yaml');
  const edits = [set(['x', 'w'], 1), set(['x', 'z'], 2), append(['l'], 1), append(['l'], 2)];
  expect(
    rewrite(
      text,
      manifests.map((manifest, index) => ({ manifest, edits: edits.slice(0, index * 2) })),
    ),
  ).toBe(
    '# one\na: 1\n---\nkind: List\nitems:\n- b: 1\n  x:\n    w: 1\n    z: 2\n- c: 1 # see\n  x:\n    w: 1\n    z: 2\n  l:\n  - 1\n  - 2\n---\nd: {\n',
  );
});

test('repairs the seed VM by the lines that need it alone', () => {
  const text = readFileSync(new URL('../data/seed-vmi.yaml', import.meta.url), 'utf8');
  const result = edited(
    text,
    rename(['spec', 'domain', 'devices', 'interfaces', 1, 'vhostuser'], 'binding', { name: 'vhostuser' }),
    set(['spec', 'nodeSelector', LABEL], ''),
  );
  expect(result).toBe(
    text.replace('        vhostuser: {}\n', '        binding:\n          name: vhostuser\n').concat(`  nodeSelector:\n    ${LABEL}: ""\n`),
  );
});

test('repairs the configuration of the seed network in place', () => {
  const text = readFileSync(new URL('../data/seed-nad.yaml', import.meta.url), 'utf8');
  const result = edited(
    text,
    set(['spec', 'config', 'host', 'vhost', 'mode'], 'server'),
    set(['spec', 'config', 'host', 'vhost', 'group'], 'hugetlbfs'),
  );
  const indent = ' '.repeat(24);
  expect(result).toBe(text.replace('"mode": "client"', `"mode": "server",\n${indent}"group": "hugetlbfs"`));
});

test.for<[string, Edit, string, RegExp]>([
  ['an anchored mapping', set(['a', 'b'], 2), 'a: &x {b: 1}\nc: *x\n', /^vm\.yaml:1: the value is shared through the anchor "x"$/],
  ['an anchored scalar', set(['a'], 2), 'z: 1\na: &x 1\nc: *x\n', /^vm\.yaml:2: the value is shared through the anchor "x"$/],
  ['an alias', set(['c', 'b'], 2), 'a: &x {b: 1}\nc: *x\n', /^vm\.yaml:2: the value is an alias/],
  ['a merged member', set(['c', 'b', 'd'], 2), 'a: &x {b: {d: 1}}\nc:\n  <<: *x\n', /^vm\.yaml:1: "b" is merged in from an anchor/],
  [
    'a mapping that others of the list share',
    set(['a', 'b'], 2),
    'kind: List\nitems:\n- a: &x {b: 1}\n- a: *x\n',
    /^vm\.yaml:3: the value is shared/,
  ],
  [
    'an anchor that goes with its value',
    set(['a'], 2),
    'a: {b: &x 1}\nc: *x\n',
    /^vm\.yaml: the edits cannot be written without changing something else$/,
  ],
  ['the value of an explicit key', set(['a'], 2), '? a\n: b\n', /^vm\.yaml:1: a key written with "\?" cannot be edited$/],
  ['a mapping without brackets', set(['a', 0, 'c'], 2), 'a: [b: 1]\n', /^vm\.yaml:1: the mapping has no brackets/],
])('refuses to edit %s', ([, edit, text, message]) => {
  expect(() => edited(text, edit)).toThrow(expect.objectContaining({ code: 'NOT_REWRITABLE', message: expect.stringMatching(message) }));
});

test('refuses manifests of another text', () => {
  const { manifests } = readManifests('a: 1\n', 'vm.yaml');
  const changes = manifests.map((manifest) => ({ manifest, edits: [set(['a'], 2)] }));
  expect(() => rewrite('a: 3\n', changes)).toThrow(/^vm\.yaml:1: the text is not the one that the manifest was read from$/);
});

test('returns the text itself when there is nothing to edit', () => {
  expect(rewrite('a: {', [])).toBe('a: {');
  expect(edited('a: 1\n', rename(['missing'], 'x', 1))).toBe('a: 1\n');
});
