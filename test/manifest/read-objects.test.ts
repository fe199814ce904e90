import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readManifests } from '../../src/manifest/read.ts';
import { readObjects } from '../../src/manifest/read-objects.ts';

const TEXTS = ['test/rules', 'test/report/input', 'deploy/examples'].flatMap((directory) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${directory}/${name}`),
);

describe('the objects of matching documents', () => {
  test.for(TEXTS)('%s: are those that are read of the whole', (file) => {
    const text = readFileSync(file, 'utf8');
    const whole = readManifests(text, file).manifests.map(({ object }) => object);
    expect(readObjects(text, file, /(?:)/)).toEqual(whole);
    const isNetwork = ({ kind }: Record<string, unknown>): boolean => kind === 'NetworkAttachmentDefinition';
    expect(readObjects(text, file, /NetworkAttachmentDefinition/).filter(isNetwork)).toEqual(whole.filter(isNetwork));
  });

  const NAD = 'kind: NetworkAttachmentDefinition\nmetadata: {name: a}\n';

  test.for<[string, string]>([
    ['after one that does not parse', `a: [\n---\n${NAD}`],
    ['before one that does not parse', `${NAD}---\n"open\n`],
    ['with CRLF', `kind: Pod\r\n---\r\n${NAD.replaceAll('\n', '\r\n')}`],
    ['on the line of its marker', `kind: Pod\n--- {kind: NetworkAttachmentDefinition, metadata: {name: a}}\n`],
    ['after directives', `%YAML 1.2\n---\n${NAD}`],
    ['with a byte order mark', `\uFEFF${NAD}`],
    ['after an end marker', `kind: Pod\n...\n---\n${NAD}`],
    ['in a list', `kind: List\nitems:\n  - ${NAD.trimEnd().replaceAll('\n', '\n    ')}\n`],
    ['in JSON', '{"kind":"Pod"}\n{"kind":"NetworkAttachmentDefinition","metadata":{"name":"a"}}'],
  ])('are read %s', ([, text]) => {
    expect(readObjects(text, 'a.yaml', /NetworkAttachmentDefinition/)).toContainEqual({
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: 'a' },
    });
  });

  test('is no document that does not match', () => {
    expect(readObjects(`kind: Pod\n---\n${NAD}`, 'a.yaml', /Network/)).toHaveLength(1);
  });

  test('keep a member called __proto__ as one of their own', () => {
    const [object] = readObjects('__proto__: {polluted: true}\nkind: Pod\n', 'a.yaml', /Pod/);
    expect(Object.keys(object ?? {})).toEqual(['__proto__', 'kind']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
