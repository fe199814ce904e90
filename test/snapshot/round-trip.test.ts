import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { readSnapshot } from '../../src/snapshot/read.ts';
import { writeSnapshot } from '../../src/snapshot/write.ts';

const TAKEN_AT = new Date('2026-11-22T12:00:00Z');
const NOTHING_UNKNOWN = new Map<string, string>();

function parse(text: string): JsonObject[] {
  const { manifests, errors } = readManifests(text, 'snapshot.yaml');
  expect(errors).toEqual([]);
  return manifests.map(({ object }) => object);
}

function node(name: string, labels: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
}

/** The same object, its keys in the other order. */
function backwards(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, isObject(member) ? backwards(member) : member]),
  );
}

describe('a snapshot', () => {
  test('comes back as it was, whatever the names and labels are', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('yes', 'on', 'null', '012', '1_0', '1:30', '2026-11-22', '- a', 'a\nb', ' a', 'a: b # c', '---', '~'),
    );
    fc.assert(
      fc.property(word, fc.dictionary(word, word), word, (name, labels, reason) => {
        const text = writeSnapshot({ takenAt: TAKEN_AT, unknownKinds: new Map([['KubeVirt', reason]]) }, [node(name, labels)]);
        const objects = parse(text);
        expect(readSnapshot(objects, 'it')).toEqual({ takenAt: TAKEN_AT, unknownKinds: new Map([['KubeVirt', reason]]) });
        expect(objects.slice(1)).toEqual([node(name, labels)]);
      }),
      { numRuns: 500 },
    );
  });

  test('is the same whatever the order of objects and keys, but for its time', () => {
    const objects = [
      node('b'),
      node('a', { y: '1', x: '2' }),
      node('c', { x: '2', y: '1' }),
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'c' } },
    ];
    const before = writeSnapshot({ takenAt: TAKEN_AT, unknownKinds: NOTHING_UNKNOWN }, objects).split('\n');
    const after = writeSnapshot(
      { takenAt: new Date('2027-01-01'), unknownKinds: NOTHING_UNKNOWN },
      objects.map(backwards).toReversed(),
    ).split('\n');
    expect(after.filter((line, index) => line !== before[index])).toEqual([expect.stringContaining('creationTimestamp: ')]);
    expect(after).toHaveLength(before.length);
  });
});

describe('what is no snapshot of this version', () => {
  const HEAD = {
    apiVersion: 'vhostguard.dev/v1alpha1',
    kind: 'Snapshot',
    metadata: { creationTimestamp: '2026-11-22T12:00:00Z' },
    version: 1,
    objects: 1,
  };

  test.for<[string, JsonObject[]]>([
    ['it is a snapshot of version 2, and version 1 is needed', [{ ...HEAD, version: 2 }, node('a')]],
    ['it is a snapshot of version undefined, and version 1 is needed', [{ ...HEAD, version: undefined }, node('a')]],
    [
      'it is a snapshot of "vhostguard.dev/v2", and vhostguard.dev/v1alpha1 is needed',
      [{ ...HEAD, apiVersion: 'vhostguard.dev/v2' }, node('a')],
    ],
    ['it holds 2 snapshots, and only one can be true', [HEAD, node('a'), HEAD, node('b')]],
    ['it is cut off: of 3 objects it holds 1', [{ ...HEAD, objects: 3 }, node('a')]],
    ['it is cut off: of "x" objects it holds 1', [{ ...HEAD, objects: 'x' }, node('a')]],
    ['it does not say when it was taken: metadata.creationTimestamp is needed', [{ ...HEAD, metadata: {} }, node('a')]],
    [
      'it does not say when it was taken: metadata.creationTimestamp is needed',
      [{ ...HEAD, metadata: { creationTimestamp: '2026-11-42T' } }, node('a')],
    ],
  ])('%s', ([message, objects]) => {
    const hint = 'take it again with `vhostguard snapshot`';
    expect(() => readSnapshot(objects, 'it')).toThrow(new AppError('INPUT_UNREADABLE', message, { hint }));
  });

  test('plain manifests, and the snapshots of others, are none', () => {
    expect(readSnapshot([node('a'), { apiVersion: 'snapshot.kubevirt.io/v1', kind: 'Snapshot' }], 'it')).toBeUndefined();
  });

  test('what was added by hand does not spoil it', () => {
    expect(readSnapshot([HEAD, node('a'), node('b')], 'it')).toEqual({ takenAt: TAKEN_AT, unknownKinds: NOTHING_UNKNOWN });
  });
});
