import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitWarnings, WARNING_LIMIT, WARNINGS_LIMIT } from '../../src/admission/warnings.ts';

describe('fitWarnings', () => {
  test('leaves short warnings alone, each once', () => {
    expect(fitWarnings(['a', 'b', 'a'])).toEqual(['a', 'b']);
  });

  test('cuts a warning at 120 characters', () => {
    expect(fitWarnings(['x'.repeat(121)])).toEqual([`${'x'.repeat(119)}…`]);
    expect(fitWarnings(['x'.repeat(120)])).toEqual(['x'.repeat(120)]);
  });

  test('does not cut a character in two', () => {
    expect(fitWarnings([`${'x'.repeat(118)}😀${'x'.repeat(10)}`])).toEqual([`${'x'.repeat(118)}…`]);
  });

  test('replaces control characters, for which the API server would drop the warning', () => {
    expect(fitWarnings(['a\r\nb\u0000c'])).toEqual(['a b c']);
  });

  test('says how many it left out', () => {
    const warnings = fitWarnings(Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(120, '.')));
    expect(warnings).toHaveLength(17);
    expect(warnings.at(-1)).toBe('and 84 more: "vhostguard check" shows them all');
  });

  test('always fits what the API server passes on', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 100 }), (texts) => {
        const warnings = fitWarnings(texts);
        expect(new Set(warnings).size).toBe(warnings.length);
        expect(
          warnings.every(
            (warning) => warning.length <= WARNING_LIMIT && !/\p{Cc}/u.test(warning) && Buffer.from(warning).toString() === warning,
          ),
        ).toBe(true);
        expect(warnings.join('').length).toBeLessThanOrEqual(WARNINGS_LIMIT);
      }),
    );
  });
});
