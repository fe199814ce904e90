import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/report/json-text.ts';

function* each<T>(items: readonly T[]): Generator<T> {
  yield* items;
}

test('writes what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect([...jsonText(value)].join('')).toBe(JSON.stringify(value, undefined, 2));
    }),
  );
});

test('writes an iterable as the array of its items, wherever it stands, and leaves out what is undefined', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (items) => {
      const make = (list: Iterable<unknown>) => ({ first: 1, none: undefined, runs: [{ list, last: 'x' }] });
      expect([...jsonText(make(each(items)))].join('')).toBe(JSON.stringify(make(items), undefined, 2));
    }),
  );
});

test('asks for an item when the one before it is written', () => {
  const asked: number[] = [];
  const items = (function* () {
    for (let item = 0; item < 3; item += 1) {
      asked.push(item);
      yield item;
    }
  })();
  for (const piece of jsonText(items)) if (piece === '0') break;
  expect(asked).toEqual([0]);
});
