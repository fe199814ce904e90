import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { readJson } from '../../src/manifest/json-source.ts';
import { renderManifest } from '../../src/manifest/rendered.ts';
import { TextLines } from '../../src/manifest/text-lines.ts';

/** As `JSON.parse` makes them: negative zero is written as zero. */
const OBJECTS = fc
  .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }))
  .map((object): JsonObject => JSON.parse(JSON.stringify(object)));

describe('an object that was read from no text', () => {
  test('has its parts where a parser finds them in its JSON', () => {
    fc.assert(
      fc.property(OBJECTS, (object) => {
        const { lines, root } = renderManifest(object, 'a.json');
        expect(JSON.parse(lines.text)).toEqual(object);
        expect(root).toEqual(readJson(lines.text).roots[0]);
      }),
    );
  });

  test.each([
    { half: '\ud800', 'and \udfff': 1 },
    { tab: '\t', quote: '"', slash: '\\', delete: '\u007f', line: '\u2028' },
    {},
    { a: [[], {}] },
  ])('is placed with what JSON escapes: %j', (object) => {
    const { lines, root } = renderManifest(object, 'a.json');
    expect(isObject(root) && root).toEqual(readJson(lines.text).roots[0]);
  });
});

test('a text has each of its characters on the line and in the column where an editor has it', () => {
  const texts = fc.array(fc.constantFrom('a', 'ü', '\n', '\r\n', '\r', '\uFEFF'), { maxLength: 20 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, fc.nat(30), (text, offset) => {
      const before = text.slice(0, offset).split('\n');
      const { line, column } = new TextLines(text).position(offset, offset);
      const last = before.at(-1) ?? '';
      const mark = before.length === 1 && last.startsWith('\uFEFF') ? 1 : 0;
      expect([line, column]).toEqual([before.length, last.length + 1 - mark]);
      expect(new TextLines(text).line(line)).toBe(
        (text.split('\n')[line - 1] ?? '').replace(line < text.split('\n').length ? /\r$/ : '', ''),
      );
    }),
  );
});
