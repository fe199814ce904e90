import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { subjectOf } from '../../src/core/subject.ts';
import { RULES } from '../../src/rules/index.ts';
import { cpusOfList, cpusOfMask, describeCpus, maskOf } from '../../src/rules/pmd-mask.ts';
import { engineOver, readFixture } from '../support/fixture.ts';
import { bent } from '../support/wild-objects.ts';

const hosts = readdirSync('test/rules')
  .filter((file) => file.startsWith('VHG5'))
  .flatMap((file) => readFixture(`test/rules/${file}`).manifests.map(({ object }) => object));
const engine = engineOver([]);

test('no rule mends a host, so that host check judges it as it stands', () => {
  expect(RULES.filter(({ meta }) => meta.targets.includes('host') && meta.fix !== 'none').map(({ meta }) => meta.id)).toEqual([]);
});

describe('for any snapshot of a host', () => {
  test('no rule crashes, and every rule speaks or passes', () => {
    fc.assert(
      fc.property(bent(hosts), (object) => {
        const { inScope, findings } = engine.evaluate(subjectOf(object, 'default'));
        expect(inScope).toBe(true);
        expect(findings.filter(({ status }) => status === 'error')).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('a part that is missing is never a finding', () => {
    const [healthy] = hosts;
    const spec = Object(healthy?.['spec']) as Record<string, unknown>;
    const parts = Object.keys(spec).filter((key) => key !== 'version');
    expect(parts.length).toBeGreaterThan(5);
    for (const part of parts) {
      const { [part]: _, ...rest } = spec;
      const { findings } = engine.evaluate(subjectOf({ ...healthy, spec: rest }, 'default'));
      expect(findings.filter(({ status }) => status !== 'skip')).toEqual([]);
    }
  });
});

describe('masks of PMD CPUs', () => {
  const cpus = fc.uniqueArray(fc.nat({ max: 300 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));

  test('say the CPUs that they were made of, and so do lists', () => {
    fc.assert(
      fc.property(cpus, (list) => {
        expect(cpusOfMask(maskOf(list))).toEqual(list);
        expect(cpusOfList(describeCpus(list))).toEqual(list);
      }),
    );
  });

  test.for([
    ['c00000c', [2, 3, 26, 27]],
    ['0x3', [0, 1]],
    ['2,3', [0, 1, 9]],
    ['zz', []],
    ['e0e0000000000018', [3, 4, 53, 54, 55, 61, 62, 63]],
  ] as const)('%s is read as OVS reads it', ([mask, expected]) => {
    expect(cpusOfMask(mask)).toEqual(expected);
  });
});
