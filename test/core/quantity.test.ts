import { expect, test } from 'vitest';
import { parseMilli, parseQuantity } from '../../src/kube/quantity.ts';

test.for([
  ['0', 0n],
  ['1Gi', 1073741824n],
  ['1024Mi', 1073741824n],
  ['1.5Gi', 1610612736n],
  ['.5Gi', 536870912n],
  ['1G', 1000000000n],
  ['1E', 10n ** 18n],
  ['1e3', 1000n],
  ['1E3', 1000n],
  ['12e-1', 2n],
  ['500m', 1n],
  ['1.0000001', 2n],
  ['+3Mi', 3145728n],
  ['-1Gi', -1073741824n],
  ['7Ei', 8070450532247928832n],
] as const)('reads %s as Go does', ([text, value]) => {
  expect(parseQuantity(text)).toBe(value);
});

test.for(['', 'one', '1e400', '1e99', '9Ei', '1Gib', '1 Gi', 'Gi', '.', '1.2.3', '--1', '1gi', '0x10', 'NaN', '9'.repeat(50)])(
  'refuses %s',
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);

test('keeps thousandths of a CPU', () => {
  expect(parseMilli('2500m')).toBe(2500n);
  expect(parseMilli('3')).toBe(3000n);
  expect(parseMilli('half')).toBeUndefined();
});
