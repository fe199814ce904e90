import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { applyEdits } from '../../src/core/apply-edits.ts';
import type { Edit } from '../../src/core/edit.ts';
import { AppError } from '../../src/core/errors.ts';
import { isObject } from '../../src/core/json.ts';
import { valueAt } from '../../src/core/path.ts';
import type { Manifest } from '../../src/manifest/manifest.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { rewrite } from '../../src/manifest/rewrite.ts';
import type { MappingNode } from '../../src/manifest/source-node.ts';
import { allPaths, blockYamlText, editOf, jsonValue, yamlText } from './arbitrary-manifest.ts';

function read(text: string, file = 'thing.yaml'): Manifest {
  const { manifests, errors } = readManifests(text, file);
  expect(errors).toEqual([]);
  expect(manifests).toHaveLength(1);
  return manifests[0] as Manifest;
}

test('reads back what was written, whatever the layout', () => {
  fc.assert(
    fc.property(yamlText, ({ text, object }) => {
      expect(read(text).object).toEqual(object);
    }),
    { numRuns: 150 },
  );
});

test('makes exactly the edits, whatever the layout', () => {
  fc.assert(
    fc.property(yamlText, fc.gen(), ({ text }, gen) => {
      const manifest = read(text);
      const first = editOf(manifest.object, gen);
      const edits = [first, editOf(applyEdits(manifest.object, [first]), gen)];
      expect(read(rewrite(text, [{ manifest, edits }])).object).toEqual(applyEdits(manifest.object, edits));
    }),
    { numRuns: 300 },
  );
});

test('leaves every line of the other members as it was', () => {
  fc.assert(
    fc.property(yamlText, fc.gen(), ({ text }, gen) => {
      const manifest = read(text);
      const edit = editOf(manifest.object, gen);
      const { before, after } = otherLines(manifest, edit);
      const edited = rewrite(text, [{ manifest, edits: [edit] }]);
      expect(edited.slice(0, before.length)).toBe(before);
      expect(edited.slice(edited.length - after.length)).toBe(after);
    }),
    { numRuns: 150 },
  );
});

/** The text above and below the top-level member that an edit is in, or is added after. */
function otherLines(manifest: Manifest, { path: [name] }: Edit): { before: string; after: string } {
  const { text } = manifest.lines;
  const { entries, isFlow } = manifest.document as MappingNode;
  const found = entries.findIndex(({ key }) => key === name);
  const index = found < 0 ? entries.length - 1 : found;
  const start = entries[index]?.keyStart ?? 0;
  const next = entries[index + 1]?.keyStart ?? text.length;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  return { before: text.slice(0, lineStart), after: isFlow ? '' : text.slice(next) };
}

test('adds to block collections without a change to any line', () => {
  fc.assert(
    fc.property(blockYamlText, jsonValue, fc.gen(), ({ text }, value, gen) => {
      const manifest = read(text);
      const path = gen(fc.constantFrom, [], ...allPaths(manifest.object).filter((some) => isFilledMapping(valueAt(manifest.object, some))));
      const fresh: Edit = { op: 'set', path: [...path, 'added by a test'], value };
      const rest = rewrite(text, [{ manifest, edits: [fresh] }]).split(/\r?\n/);
      for (const line of text.split(/\r?\n/).filter((some) => some !== '')) {
        const index = rest.indexOf(line);
        expect(index, `lost: ${line}`).toBeGreaterThanOrEqual(0);
        rest.splice(0, index + 1);
      }
    }),
    { numRuns: 150 },
  );
});

test('makes exactly the edits in JSON files, and leaves them JSON', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b', 'c d'), jsonValue, { minKeys: 1 }),
      fc.constantFrom(undefined, 2, '\t'),
      fc.gen(),
      (object, space, gen) => {
        const text = `${JSON.stringify(object, null, space)}\n`;
        const manifest = read(text, 'thing.json');
        const edits = [editOf(object, gen)];
        expect(JSON.parse(rewrite(text, [{ manifest, edits }]))).toEqual(applyEdits(object, edits));
      },
    ),
    { numRuns: 150 },
  );
});

function isFilledMapping(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > 0;
}

const config = fc.dictionary(
  fc.constantFrom('type', 'host', 'Name'),
  fc.oneof(
    fc.constantFrom("it's", 'a\nb', '"', '\\', 'é', 1, true, null),
    fc.dictionary(fc.constantFrom('mode', 'x'), fc.constantFrom('client', {}, [1])),
  ),
  { minKeys: 1 },
);

test('makes exactly the edits in JSON inside a string, whatever its quotes', () => {
  fc.assert(
    fc.property(config, fc.constantFrom(undefined, 2, '\t'), fc.gen(), (object, space, gen) => {
      const style = gen(fc.constantFrom, 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED', 'JSON');
      const inner = JSON.stringify(object, null, space);
      const outer = { kind: 'X', spec: { config: inner, after: 1 } };
      const text =
        style === 'JSON'
          ? JSON.stringify(outer, null, 2)
          : stringify(outer, { defaultStringType: style, defaultKeyType: 'PLAIN' } as object);
      const manifest = read(text);
      const path = gen(fc.constantFrom, [], ...allPaths(object).filter((some) => some.every((key) => typeof key === 'string')));
      const edit: Edit = { op: 'set', path: ['spec', 'config', ...(path.length === 0 ? ['new'] : path)], value: gen(() => jsonValue) };
      const edited = read(rewrite(text, [{ manifest, edits: [edit] }])).object['spec'] as { config: string; after: number };
      const expected = applyEdits(manifest.object, [edit]) as typeof outer;
      expect(JSON.parse(edited.config)).toEqual(JSON.parse(expected.spec.config));
      expect(edited.after).toBe(1);
    }),
    { numRuns: 150 },
  );
});

const SHARED = `
base: &base
  cpu: &cpu {cores: 2}
  list: &list
  - one
copy: *base
merged:
  <<: *base
  own: 1
flow: [*cpu, *list, {<<: *cpu, x: 1}]
`;

test('refuses an edit that would show in another place, and makes every other', () => {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const manifest = read(SHARED);
      const edit = editOf(manifest.object, gen);
      try {
        expect(read(rewrite(SHARED, [{ manifest, edits: [edit] }])).object).toEqual(applyEdits(manifest.object, [edit]));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(AppError);
        expect(thrown).toMatchObject({ code: 'NOT_REWRITABLE', hint: expect.stringContaining('by hand') });
      }
    }),
    { numRuns: 150 },
  );
});
