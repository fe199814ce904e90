import type { Path } from '../core/path.ts';
import type { Host } from '../kube/host.ts';
import { type Fact, isUnread } from '../kube/host-fact.ts';
import type { OvsConfiguration } from '../kube/host-ovs.ts';

/** The CPUs of a mask as OVS reads it: the last digit holds CPUs 0 to 3, and a digit that is not hexadecimal counts as 0. */
export function cpusOfMask(mask: string): number[] {
  const digits = [...withoutPrefix(mask)].reverse();
  return digits.flatMap((digit, index) => {
    const bits = /^[0-9a-f]$/i.test(digit) ? Number.parseInt(digit, 16) : 0;
    return [0, 1, 2, 3].filter((bit) => (bits >> bit) % 2 === 1).map((bit) => index * 4 + bit);
  });
}

/** True when every digit means something to OVS. `0x` may precede them, and alone means no CPU. */
export function isMask(mask: string): boolean {
  return /^[0-9a-f]*$/i.test(withoutPrefix(mask));
}

/** The mask that is set; `undefined` for an empty one too, with which OVS takes the CPUs that it takes without. */
export function maskIn({ otherConfig }: OvsConfiguration): string | undefined {
  return otherConfig.get('pmd-cpu-mask') || undefined;
}

function withoutPrefix(mask: string): string {
  return mask.replace(/^0x/i, '');
}

/** The mask of these CPUs. */
export function maskOf(cpus: Iterable<number>): string {
  return [...new Set(cpus)].reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n).toString(16);
}

/** `2,3-5` as CPUs; `undefined` for what is no such list, or longer than any host's. */
export function cpusOfList(list: string): number[] | undefined {
  const cpus: number[] = [];
  for (const part of list.split(',')) {
    const [, first, last] = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part) ?? [];
    if (first === undefined) return undefined;
    for (let cpu = Number(first); cpu <= Number(last ?? first); cpu += 1) cpus.push(cpu);
  }
  return cpus;
}

/**
 * The CPUs that PMD threads are meant to have, and where that is said. None while the mask is not one, and without those that the host
 * does not have: of both VHG512 speaks.
 */
export function pmdCpus(host: Host): Fact<{ readonly path: Path; readonly cpus: readonly number[] }> {
  const { configuration, pmdThreads } = host.ovs;
  if (isUnread(configuration)) return configuration;
  const { path } = configuration.value.otherConfigField.get('pmd-cpu-mask');
  const mask = maskIn(configuration.value);
  if (mask !== undefined) return { value: { path, cpus: isMask(mask) ? withoutAbsent(cpusOfMask(mask), host) : [] } };
  if (isUnread(pmdThreads)) return pmdThreads;
  return { value: { path, cpus: pmdThreads.value.map(({ cpu }) => cpu) } };
}

/** A CPU on which a PMD thread runs is there, whatever the kernel was read to say. */
export function withoutAbsent(cpus: readonly number[], { cpus: known, ovs: { pmdThreads } }: Host): readonly number[] {
  if (isUnread(known)) return cpus;
  const threads = isUnread(pmdThreads) ? [] : pmdThreads.value.map(({ cpu }) => cpu);
  return cpus.filter((cpu) => known.value.online.includes(cpu) || threads.includes(cpu));
}

/** CPUs as people and kernel arguments write them: `2-3,10`. */
export function describeCpus(cpus: Iterable<number>): string {
  const runs: [number, number][] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
