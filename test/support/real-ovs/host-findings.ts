import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '../run-cli.ts';
import type { RealSwitch } from './real-switch.ts';

export interface HostFinding {
  readonly rule: string;
  readonly status: string;
  readonly severity: string;
  readonly message: string;
}

/** Rules of the hardware, which here is that of this machine, while the switch's CPUs are simulated. */
const OF_THE_MACHINE = /^VHG50|^VHG512$/;

const LONGEST_MS = 20_000;

/** What `host check` finds of the switch and its ports, skipped rules left out. */
export async function findingsOf({ ovsdb }: RealSwitch, ...flags: readonly string[]): Promise<HostFinding[]> {
  const { stdout } = await runCli(['host', 'check', '--ovsdb', ovsdb, '-o', 'json', ...flags]);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly HostFinding[] };
  return findings.filter(({ rule, status }) => !OF_THE_MACHINE.test(rule) && status !== 'skip');
}

/** The rules of `findingsOf`. */
export async function rulesOf(real: RealSwitch, ...flags: readonly string[]): Promise<string[]> {
  return (await findingsOf(real, ...flags)).map(({ rule }) => rule);
}

/** Which rules find something of which port. */
export function rulesByPort(findings: readonly HostFinding[], ports: readonly string[]): Record<string, string[]> {
  const ruleOf = (port: string): string[] => findings.filter(({ message }) => message.includes(`"${port}"`)).map(({ rule }) => rule);
  return Object.fromEntries(ports.map((port) => [port, ruleOf(port)]));
}

/** The rules once they are `expected`, or those after a long time. */
export async function settledRules(real: RealSwitch, expected: readonly string[]): Promise<string[]> {
  const end = performance.now() + LONGEST_MS;
  for (;;) {
    const rules = await rulesOf(real);
    if (JSON.stringify(rules) === JSON.stringify(expected) || performance.now() > end) return rules;
    await sleep(200);
  }
}
