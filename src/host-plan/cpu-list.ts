import { quote } from '../core/json.ts';

/** Highest CPU number that Linux can be built for. @see NR_CPUS in arch/x86/Kconfig */
const HIGHEST_CPU = 8191;

/** Either a value, or why a text is none: what is wrong and what is needed instead. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** The CPUs of a list as Linux writes it (`0-3,8`), ascending and each once. */
export function parseCpuList(text: string): Parsed<readonly number[]> {
  const cpus = new Set<number>();
  for (const part of text.trim().split(',')) {
    const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    if (first === undefined || last === undefined) return { problem: describeBadList(text, part) };
    if (Number(last) > HIGHEST_CPU) return { problem: `CPU ${last} is beyond ${HIGHEST_CPU}, the highest that Linux knows` };
    if (Number(first) > Number(last)) return { problem: `the range ${quote(part)} runs backwards: write ${last}-${first}` };
    for (let cpu = Number(first); cpu <= Number(last); cpu += 1) cpus.add(cpu);
  }
  return { value: [...cpus].sort((a, b) => a - b) };
}

function describeBadList(text: string, part: string): string {
  const written = text.trim();
  if (written === '') return 'it is empty: write CPU numbers and ranges, such as 2-3,26-27';
  const mask = /^(?:0x)?[0-9a-f]+$/i.test(written) ? parseCpuMask(written.replace(/^0x/i, '')) : undefined;
  if (mask !== undefined && 'value' in mask)
    return `${quote(written)} is a mask, and a CPU list is needed: write ${formatCpuList(mask.value)}`;
  return `${quote(part)} is no CPU: write CPU numbers and ranges, such as 2-3,26-27`;
}

/** CPUs as Linux writes them: ranges, ascending. `parseCpuList` reads it back. */
export function formatCpuList(cpus: readonly number[]): string {
  const sorted = [...new Set(cpus)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const cpu of sorted) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === cpu - 1) range[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** The mask of OVS for these CPUs: hexadecimal, the lowest bit is CPU 0, without `0x`, commas or leading zeros. */
export function toCpuMask(cpus: readonly number[]): string {
  let mask = 0n;
  for (const cpu of cpus) mask |= 1n << BigInt(cpu);
  return mask.toString(16);
}

/**
 * The CPUs of a mask as `toCpuMask` writes it. Stricter than OVS, which takes each digit that it cannot read for 0 and goes on
 * with other CPUs than were meant.
 */
export function parseCpuMask(text: string): Parsed<readonly number[]> {
  const digits = text.trim();
  if (digits === '') return { problem: 'it is empty: write a hexadecimal mask such as c00000c' };
  if (/^0x$/i.test(digits)) return { problem: `${quote(digits)} has no digit: write a hexadecimal mask such as c00000c` };
  if (/^0x/i.test(digits)) return { problem: `${quote(digits)} must be without 0x: write ${digits.slice(2)}` };
  if (/[,-]/.test(digits)) return { problem: describeListAsMask(digits) };
  const [bad] = /[^0-9a-f]/i.exec(digits) ?? [];
  if (bad !== undefined) return { problem: `${quote(digits)} has ${quote(bad)}, which is no hexadecimal digit: OVS would read it as 0` };
  if (digits.length > (HIGHEST_CPU + 1) / 4) return { problem: `it has ${digits.length} digits, more than Linux has CPUs for` };
  const mask = BigInt(`0x${digits}`);
  if (mask === 0n) return { problem: 'it names no CPU, so that nothing would be polled' };
  const bits = [...mask.toString(2)].reverse();
  return { value: bits.flatMap((bit, cpu) => (bit === '1' ? [cpu] : [])) };
}

function describeListAsMask(text: string): string {
  const list = parseListOnly(text);
  const needed = list === undefined ? 'hexadecimal digits without commas, such as c00000c' : toCpuMask(list);
  return `${quote(text)} is a CPU list, and a mask is needed, because OVS would read other CPUs from it: write ${needed}`;
}

function parseListOnly(text: string): readonly number[] | undefined {
  if (!/^[\d,-]+$/.test(text)) return undefined;
  const list = parseCpuList(text);
  return 'value' in list ? list.value : undefined;
}
