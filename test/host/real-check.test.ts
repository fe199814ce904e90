import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import { missingPrograms } from '../support/real-ovs/programs.ts';
import { RealSwitch } from '../support/real-ovs/real-switch.ts';
import { runCli } from '../support/run-cli.ts';
import { leaveStaleSocket } from '../support/stale-socket.ts';

interface JsonFinding {
  readonly rule: string;
  readonly status: string;
  readonly message: string;
}

/** Rules of the hardware, which here is that of this machine, while the switch's CPUs are simulated. */
const OF_THE_MACHINE = /^VHG50|^VHG512$/;

/** Only root on a host of its own sees who listens. */
const SEES_ALL = process.getuid?.() === 0 && existsSync('/proc/2/comm') && readFileSync('/proc/2/comm', 'utf8') === 'kthreadd\n';

const LONGEST_MS = 20_000;

let running: RealSwitch | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function startSwitch(
  { skip }: TestContext,
  { vm = false, otherConfig = {} }: { readonly vm?: boolean; readonly otherConfig?: Readonly<Record<string, string>> } = {},
): Promise<RealSwitch> {
  const missing = missingPrograms({ vm });
  skip(missing.length > 0, `not on this machine: ${missing.join(', ')}`);
  running = await RealSwitch.start(otherConfig);
  return running;
}

async function findingsOf({ ovsdb }: RealSwitch, ...flags: readonly string[]): Promise<JsonFinding[]> {
  const { stdout } = await runCli(['host', 'check', '--ovsdb', ovsdb, '-o', 'json', ...flags]);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly JsonFinding[] };
  return findings.filter(({ rule, status }) => !OF_THE_MACHINE.test(rule) && status !== 'skip');
}

async function rulesOf(real: RealSwitch, ...flags: readonly string[]): Promise<string[]> {
  return (await findingsOf(real, ...flags)).map(({ rule }) => rule);
}

/** What is found once it is `expected`, or after a long time. */
async function settledRules(real: RealSwitch, expected: readonly string[]): Promise<string[]> {
  const end = performance.now() + LONGEST_MS;
  for (;;) {
    const rules = await rulesOf(real);
    if (JSON.stringify(rules) === JSON.stringify(expected) || performance.now() > end) return rules;
    await sleep(200);
  }
}

/** A server that takes connections and never says a word, as a QEMU whose guest has no driver. */
async function listenInSilence(path: string): Promise<AsyncDisposable> {
  const connections: Socket[] = [];
  const server = createServer((connection) => connections.push(connection));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('host check on a real Open vSwitch', { timeout: 90_000 }, () => {
  test('tells apart what OVSDB shows alike, each port by its own rule and no other', async (context) => {
    const real = await startSwitch(context);
    const at = (name: string): string => join(real.directory, name);
    writeFileSync(at('plain.sock'), '');
    await leaveStaleSocket(at('stale.sock'));
    await real.addVhostPort('missing', at('missing.sock'));
    await real.addVhostPort('nowhere', at('no/such/directory.sock'));
    await real.addVhostPort('long', at('x'.repeat(108 - real.directory.length - 1)));
    await real.addVhostPort('plain', at('plain.sock'));
    await real.addVhostPort('directory', real.directory);
    await real.addVhostPort('stale', at('stale.sock'));
    await real.addVhostPort('relative', 'relative.sock');
    await real.addVhostPort('none', undefined);
    await real.vsctl('add-port', 'br-dpdk0', 'served', '--', 'set', 'Interface', 'served', 'type=dpdkvhostuser');
    const findings = await findingsOf(real);
    const ruleOf = (port: string): string[] => findings.filter(({ message }) => message.includes(`"${port}"`)).map(({ rule }) => rule);
    const ports = ['missing', 'nowhere', 'long', 'plain', 'directory', 'relative', 'none', 'served'];
    expect(Object.fromEntries(ports.map((port) => [port, ruleOf(port)]))).toEqual({
      missing: ['VHG522'],
      nowhere: ['VHG522'],
      long: ['VHG520'],
      plain: ['VHG522'],
      directory: ['VHG522'],
      relative: ['VHG520'],
      none: ['VHG520'],
      served: ['VHG526'],
    });
    expect(ruleOf('stale')).toEqual(SEES_ALL ? ['VHG522'] : []);
    expect(findings).toHaveLength(SEES_ALL ? 9 : 8);
  });

  test('finds two ports that wait for one socket', async (context) => {
    const real = await startSwitch(context);
    const path = join(real.directory, 'v.sock');
    await real.addVhostPort('first', path);
    await real.addVhostPort('second', path);
    expect(await rulesOf(real)).toEqual(expect.arrayContaining(['VHG521']));
    await real.vsctl('del-port', 'second');
    expect(await rulesOf(real)).not.toContain('VHG521');
  });

  test('finds a guest that never starts its NIC behind a socket that answers', async (context) => {
    const real = await startSwitch(context);
    context.skip(!SEES_ALL, 'only root sees who listens');
    const path = join(real.directory, 'v0.sock');
    await using _ = await listenInSilence(path);
    await real.addVhostPort('v0', path);
    expect(await rulesOf(real)).toEqual(['VHG524']);
  });

  test('calls a vswitchd that was killed dead, and believes nothing that it left in OVSDB', async (context) => {
    const real = await startSwitch(context);
    await real.killVswitchd();
    expect(await rulesOf(real, '--timeout', '1')).toEqual(['VHG510']);
    await real.startVswitchd();
    expect(await rulesOf(real)).toEqual([]);
  });

  test('names what is missing of DPDK, and blames no port for it', async (context) => {
    const real = await startSwitch(context, { otherConfig: { 'dpdk-init': 'false' } });
    const path = join(real.directory, 'v0.sock');
    await using _ = await listenInSilence(path);
    await real.addVhostPort('v0', path);
    expect(await rulesOf(real)).toEqual(['VHG511']);
  });

  test('has nothing to say of a VM that passes packets', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path);
    await real.waitFor('v0', 'link_state', 'up');
    expect(await settledRules(real, [])).toEqual([]);
  });

  test('finds guest memory that is not shared, where OVSDB shows a port in best health', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path, { share: false });
    await real.waitFor('v0', 'link_state', 'up');
    await sleep(3000);
    expect(await settledRules(real, ['VHG525'])).toEqual(['VHG525']);
  });

  test('finds a port for whose packet buffers there is no memory', async (context) => {
    const extra = '--no-pci --no-huge --legacy-mem -m 64 --iova-mode=va --no-telemetry';
    const real = await startSwitch(context, { vm: true, otherConfig: { 'dpdk-extra': extra } });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path);
    await real.waitFor('v0', 'status:status', 'connected');
    await sleep(1000);
    expect(await rulesOf(real)).toEqual(['VHG515']);
  });
});
