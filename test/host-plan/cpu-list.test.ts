import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCpuList, type Parsed, parseCpuList, parseCpuMask, toCpuMask } from '../../src/host-plan/cpu-list.ts';

/** CPUs in ascending order, each once. */
const cpuSets = fc.uniqueArray(fc.nat(8191), { minLength: 1, maxLength: 40 }).map((cpus) => cpus.sort((a, b) => a - b));

function problemOf(parsed: Parsed<unknown>): string {
  if ('problem' in parsed) return parsed.problem;
  throw new Error(`it was accepted: ${JSON.stringify(parsed.value)}`);
}

describe('a PMD mask', () => {
  test.for([
    ['0', '1'],
    ['1,2', '6'],
    ['2-3', 'c'],
    ['1,3-7', 'fa'],
    ['1,21', '200002'],
    ['2,22', '400004'],
    ['2,26,3,27', 'c00000c'],
    ['10,11,22,23', 'c00c00'],
    ['4-7,36-39', 'f0000000f0'],
    ['3,4,53-55,61-63', 'e0e0000000000018'],
    ['64', '10000000000000000'],
    ['127', `8${'0'.repeat(31)}`],
    ['0-127', 'f'.repeat(32)],
    ['0,1,256,257', `3${'0'.repeat(63)}3`],
  ] as const)('of %s is %s, and back', ([list, mask]) => {
    const cpus = parseCpuList(list);
    expect('value' in cpus && toCpuMask(cpus.value)).toBe(mask);
    expect(parseCpuMask(mask)).toEqual(cpus);
  });

  test('of any CPUs reads back as those CPUs', () => {
    fc.assert(
      fc.property(cpuSets, (cpus) => {
        expect(parseCpuMask(toCpuMask(cpus))).toEqual({ value: cpus });
      }),
    );
  });

  test('is written as OVS reads it: hexadecimal digits, no 0x, no commas, no zeros in front', () => {
    fc.assert(
      fc.property(cpuSets, (cpus) => {
        expect(toCpuMask(cpus)).toMatch(/^[1-9a-f][0-9a-f]*$/);
      }),
    );
  });

  test.for([
    ['0xc00000c', 'must be without 0x: write c00000c'],
    ['0x', '"0x" has no digit: write a hexadecimal mask such as c00000c'],
    ['2,3', 'is a CPU list, and a mask is needed, because OVS would read other CPUs from it: write c'],
    ['2-3,26-27', 'write c00000c'],
    ['e0e00000,00000018', 'is a CPU list'],
    ['zz', '"zz" has "z", which is no hexadecimal digit: OVS would read it as 0'],
    ['c00 00c', '" ", which is no hexadecimal digit'],
    ['0', 'it names no CPU, so that nothing would be polled'],
    ['', 'it is empty'],
    ['3-', 'is a CPU list'],
    ['f'.repeat(2049), 'it has 2049 digits'],
  ] as const)('%j is refused: %s', ([text, message]) => {
    expect(problemOf(parseCpuMask(text))).toContain(message);
  });
});

describe('a CPU list', () => {
  test('of any CPUs reads back as those CPUs', () => {
    fc.assert(
      fc.property(cpuSets, (cpus) => {
        expect(parseCpuList(formatCpuList(cpus))).toEqual({ value: cpus });
      }),
    );
  });

  test('is written in the fewest ranges', () => {
    expect(formatCpuList([27, 2, 3, 26, 3])).toBe('2-3,26-27');
  });

  test.for([
    ['c00000c', 'is a mask, and a CPU list is needed: write 2-3,26-27'],
    ['0xc', 'is a mask, and a CPU list is needed: write 2-3'],
    ['1,a', '"a" is no CPU'],
    ['3-', '"3-" is no CPU'],
    ['1,,2', '"" is no CPU'],
    ['7-4', 'runs backwards: write 4-7'],
    ['8192', 'is beyond 8191'],
    ['-1', '"-1" is no CPU'],
    [' ', 'it is empty'],
  ] as const)('%j is refused: %s', ([text, message]) => {
    expect(problemOf(parseCpuList(text))).toContain(message);
  });

  test('of any text is read or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fx,;-]{0,12}$/)), (text) => {
        for (const parsed of [parseCpuList(text), parseCpuMask(text)]) expect('value' in parsed || parsed.problem.length > 0).toBe(true);
      }),
    );
  });
});
