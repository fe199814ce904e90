import { expect, test } from 'vitest';
import { nearest } from '../../src/core/nearest.ts';

const KEYS = ['engine', 'iftype', 'netType', 'bridge', 'vhost'];

test.each([
  ['enigne', 'engine'],
  ['nettype', 'netType'],
  ['VHOST', 'vhost'],
  ['bridges', 'bridge'],
  ['ridge', 'bridge'],
  ['vhosts', 'vhost'],
])('takes %s for %s', (word, key) => {
  expect(nearest(word, KEYS)).toBe(key);
});

test.each(['', 'vlanId', 'e', 'host-local', 'x'.repeat(10_000)])('takes %.20s for nothing', (word) => {
  expect(nearest(word, KEYS)).toBeUndefined();
});

test('prefers the first of equally near candidates, and a nearer one to it', () => {
  expect(nearest('VHG14', ['VHG104', 'VHG114'])).toBe('VHG104');
  expect(nearest('VHG114', ['VHG104', 'VHG114'])).toBe('VHG114');
});

test('compares with nothing', () => {
  expect(nearest('engine', [])).toBeUndefined();
});
