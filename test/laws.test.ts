import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../src/core/json.ts';
import { subjectOf } from '../src/core/subject.ts';
import { readManifests } from '../src/manifest/read.ts';
import { RULES } from '../src/rules/index.ts';
import { engineOver } from './support/fixture.ts';
import { anyObjects, bentObjects, RECORDED_OBJECTS } from './support/wild-objects.ts';

const EXAMPLES = new URL('../deploy/examples/', import.meta.url);
const context = readdirSync(EXAMPLES).flatMap((name) => readManifests(readFileSync(new URL(name, EXAMPLES), 'utf8'), name).manifests);
const engine = engineOver([...context.map(({ object }) => object), ...RECORDED_OBJECTS]);

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

function assertHolds(law: (object: JsonObject) => void): void {
  fc.assert(fc.property(bentObjects, law), { numRuns: 1500 });
  fc.assert(fc.property(anyObjects, law), { numRuns: 300 });
}

describe('for any JSON in our kinds', () => {
  test('no rule crashes', () => {
    assertHolds((object) => {
      expect(engine.evaluate(subjectOf(object, 'default')).findings.filter(({ status }) => status === 'error')).toEqual([]);
    });
  });

  test('evaluation and repair never write to their input', () => {
    assertHolds((object) => {
      const subject = subjectOf(deepFreeze(object), 'default');
      engine.evaluate(subject);
      engine.repair(subject, 'unsafe');
    });
  });

  test('repair clears every finding that has a safe fix, and repairs nothing twice', () => {
    assertHolds((object) => {
      const subject = subjectOf(object, 'default');
      const { object: repaired } = engine.repair(subject);
      const { findings } = engine.evaluate({ ...subject, object: repaired });
      expect(findings.filter(({ fix, status }) => fix?.safety === 'safe' && status !== 'skip')).toEqual([]);
      expect(engine.repair({ ...subject, object: repaired }).patch).toEqual([]);
    });
  });

  test('the patch turns the object into the repaired one', () => {
    assertHolds((object) => {
      const { object: repaired, patch } = engine.repair(subjectOf(object, 'default'));
      const copy = structuredClone(object);
      expect(jsonPatch.applyPatch(copy, structuredClone(patch as never), true).newDocument).toEqual(repaired);
    });
  });

  test('a safe fix overwrites nothing that the user set', () => {
    assertHolds((object) => {
      const { object: repaired } = engine.repair(subjectOf(object, 'default'));
      expectKept(object, repaired);
    });
  });

  test('the verdict of check is the verdict of mutate, then validate', () => {
    assertHolds((object) => {
      const subject = subjectOf(object, 'default');
      const { verdict, object: repaired } = engine.judge(subject);
      const validated = engine.judgeAsWritten({
        ...subject,
        object: repaired,
      }).verdict;
      expect(validated).toEqual(verdict);
    });
  });

  test('an update that changes nothing is allowed and repaired by nothing', () => {
    assertHolds((object) => {
      const subject = {
        ...subjectOf(object, 'default'),
        operation: 'UPDATE',
        oldObject: object,
      } as const;
      expect(engine.judge(subject)).toMatchObject({
        patch: [],
        verdict: { allowed: true, denials: [] },
      });
    });
  });
});

/** Every scalar and every list item of `before` is still there, in its place. */
function expectKept(before: unknown, after: unknown): void {
  if (Array.isArray(before) && before.length > 0) {
    expect(Array.isArray(after)).toBe(true);
    for (const [index, item] of before.entries()) expectKept(item, (after as unknown[])[index]);
  } else if (isObject(before) && Object.keys(before).length > 0) {
    for (const [key, member] of Object.entries(before)) expectKept(member, (after as JsonObject)[key]);
  } else if (typeof before !== 'object') expect(after).toBe(before);
}

test('an object without a vhost-user NIC is never judged', () => {
  const plain = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'plain' },
  };
  for (const spec of [undefined, {}, { template: { spec: { domain: { devices: {} } } } }]) {
    expect(engine.judge(subjectOf({ ...plain, spec }, 'default'))).toMatchObject({ inScope: false, findings: [], patch: [] });
  }
  expect(engine.judge(subjectOf({ apiVersion: 'v1', kind: 'Secret' }, 'default')).inScope).toBe(false);
});

test('no rule yields a fix that its metadata does not announce', () => {
  const announced = new Map(RULES.map(({ meta }) => [meta.id, meta.fix]));
  assertHolds((object) => {
    for (const { rule, fix } of engine.evaluate(subjectOf(object, 'default')).findings) {
      if (fix?.safety === 'safe') expect(announced.get(rule)).toBe('safe');
      if (fix?.safety === 'unsafe') expect(announced.get(rule)).not.toBe('none');
    }
  });
});
