import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedRecords } from '../../src/report/packed-records.ts';

const key = fc.constantFrom('b.yaml', 'a/b.yaml', 'a-b.yaml', 'ä.yaml');
// Some fill a block of their own, and some more than one.
const value = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(40_000, 200_000).map((length) => 'é😀'.repeat(length)),
);

test('gives back what was added, in the order of keys, as often as it is asked', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 12 }), (added) => {
      const records = new PackedRecords<unknown>();
      for (const [name, one] of added) records.add(name, one);
      const expected = added
        .toSorted(([a], [b]) => Number(a > b) - Number(a < b))
        .map(([name, one]) => [name, JSON.parse(JSON.stringify(one))]);
      expect([...records.entries()]).toEqual(expected);
      expect([...records.entries()]).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('goes on taking records after it was read, and two readers do not disturb each other', () => {
  const records = new PackedRecords<string>();
  const texts = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(5000));
  for (const [index, text] of texts.entries()) {
    records.add(`${String(index).padStart(2, '0')}.yaml`, text);
    expect([...records.entries()]).toHaveLength(index + 1);
  }
  const [one, other] = [records.entries(), records.entries()];
  for (const text of texts) {
    expect(one.next().value?.[1]).toBe(text);
    expect(other.next().value?.[1]).toBe(text);
  }
});
