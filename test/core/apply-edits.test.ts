import { expect, test } from 'vitest';
import { applyEdits } from '../../src/core/apply-edits.ts';
import { createPatch } from '../../src/core/patch.ts';

test('sets a value below parents that do not exist', () => {
  expect(applyEdits({}, [{ op: 'set', path: ['spec', 'a.b/c'], value: '' }])).toEqual({ spec: { 'a.b/c': '' } });
});

test('fills what is null', () => {
  expect(applyEdits({ spec: null }, [{ op: 'set', path: ['spec', 'x'], value: 1 }])).toEqual({ spec: { x: 1 } });
  expect(applyEdits({ list: null }, [{ op: 'append', path: ['list'], value: 1 }])).toEqual({ list: [1] });
});

test('appends to a list and creates it', () => {
  const edit = { op: 'append', path: ['list'], value: 2 } as const;
  expect(applyEdits({ list: [1] }, [edit])).toEqual({ list: [1, 2] });
  expect(applyEdits({}, [edit, edit])).toEqual({ list: [2, 2] });
});

test('renames a member in its place', () => {
  const renamed = applyEdits({ a: 1, b: {}, c: 3 }, [{ op: 'rename', path: ['b'], key: 'd', value: 2 }]);
  expect(JSON.stringify(renamed)).toBe('{"a":1,"d":2,"c":3}');
});

test('edits JSON inside a string and keeps its layout', () => {
  const config = '{\n  "host": {"vhost": {"mode": "server"}}, // no comment in JSON, but no reason to lose one\n  "x":1\n}';
  const edited = applyEdits({ spec: { config } }, [
    {
      op: 'set',
      path: ['spec', 'config', 'host', 'vhost', 'mode'],
      value: 'client',
    },
  ]);
  expect(edited).toEqual({
    spec: { config: config.replace('"server"', '"client"') },
  });
});

test('shares every untouched part with the original and never writes to it', () => {
  const object = Object.freeze({
    left: Object.freeze({ deep: 1 }),
    right: Object.freeze([Object.freeze({ a: 1 }), Object.freeze({ a: 2 })]),
  });
  const edited = applyEdits(object, [{ op: 'set', path: ['right', 1, 'a'], value: 3 }]) as typeof object;
  expect(edited.left).toBe(object.left);
  expect(edited.right[0]).toBe(object.right[0]);
  expect(edited).toEqual({ left: { deep: 1 }, right: [{ a: 1 }, { a: 3 }] });
});

test('keeps a key named __proto__ as a key', () => {
  const object = JSON.parse('{"spec":{"__proto__":{"polluted":1},"x":1}}') as object;
  const edited = applyEdits(object, [{ op: 'set', path: ['spec', 'y'], value: 2 }]) as object;
  expect(JSON.stringify(edited)).toBe('{"spec":{"__proto__":{"polluted":1},"x":1,"y":2}}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.for([
  ['set', ['list', 5], 'an item that does not exist'],
  ['set', ['text', 'x'], 'a member of what is no JSON'],
  ['append', ['spec'], 'to a mapping'],
] as const)('refuses to %s %j: %s', ([op, path]) => {
  expect(() => applyEdits({ list: [], spec: {}, text: 3 }, [{ op, path, value: 1 }])).toThrow(/internal error/);
});

test.for(['__proto__', 'constructor', 'prototype'])('refuses a patch through %s', (key) => {
  const before = JSON.parse(`{"spec":{"${key}":{"x":1}}}`) as object;
  const after = JSON.parse(`{"spec":{"${key}":{"x":2}}}`) as object;
  expect(() => createPatch(before, after)).toThrow(/refused/);
});

test('has nothing to patch in the same object', () => {
  const object = { a: [1] };
  expect(createPatch(object, object)).toEqual([]);
});

test('never takes plain text for JSON', () => {
  expect(() => applyEdits({ nodeSelector: 'x' }, [{ op: 'set', path: ['nodeSelector', 'label'], value: '' }])).toThrow(/internal error/);
});
