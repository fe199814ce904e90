import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { parsePmdThreads } from '../../src/host/vswitchd-text.ts';
import { cpusOfMask } from '../../src/rules/pmd-mask.ts';
import { askVswitchd } from '../support/real-ovs/ask-vswitchd.ts';
import { findingsOf, rulesByPort, rulesOf, settledRules } from '../support/real-ovs/host-findings.ts';
import { type RealSwitch, SIMULATED_CPUS } from '../support/real-ovs/real-switch.ts';
import { dpdkExtra, listenInSilence, SEES_ALL, useRealSwitch } from '../support/real-ovs/use-real-switch.ts';
import { runCli } from '../support/run-cli.ts';
import { leaveStaleSocket } from '../support/stale-socket.ts';

/** What is found of a VM that has just started changes until it has sent something. */
const POLLED = { timeout: 20_000 };

async function pmdCpusOf(real: RealSwitch): Promise<number[]> {
  const threads = parsePmdThreads(await askVswitchd(real, 'dpif-netdev/pmd-rxq-show'));
  return threads.map(({ cpu }) => cpu).sort((a, b) => a - b);
}

describe('host check on a real Open vSwitch', { timeout: 90_000 }, () => {
  const startSwitch = useRealSwitch();

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
    await real.addServerPort('served');
    const findings = await findingsOf(real);
    const ports = ['missing', 'nowhere', 'long', 'plain', 'directory', 'relative', 'none', 'served', 'stale'];
    expect(rulesByPort(findings, ports)).toEqual({
      missing: ['VHG522'],
      nowhere: ['VHG522'],
      long: ['VHG520'],
      plain: ['VHG522'],
      directory: ['VHG522'],
      relative: ['VHG520'],
      none: ['VHG520'],
      served: ['VHG526'],
      stale: SEES_ALL ? ['VHG522'] : [],
    });
    expect(findings).toHaveLength(SEES_ALL ? 9 : 8);
  });

  test('finds a QEMU that DPDK never reaches, since its path has one byte too many', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'x'.repeat(108 - real.directory.length - 1));
    await real.startVm('v0', path, { isPaused: true });
    await real.addVhostPort('v0', path);
    await real.waitForLog(`(${path}) failed to connect: No such file or directory`);
    expect(await rulesOf(real)).toEqual(['VHG520']);
  });

  test('finds a port that OVS serves, whatever keeps it from opening', async (context) => {
    const real = await startSwitch(context);
    await real.addServerPort('served');
    await real.killVswitchd();
    await real.startVswitchd();
    await real.addServerPort('a/b');
    await real.waitForLog('Address already in use');
    expect(await real.vsctl('get', 'Interface', 'served', 'error')).toContain('could not open network device served');
    expect(await real.vsctl('get', 'Interface', 'a/b', 'error')).toContain('could not open network device a/b');
    expect(await rulesOf(real)).toEqual(['VHG526', 'VHG526']);
  });

  test('finds each port that does not open, by what keeps it from that, and by nothing else', async (context) => {
    const real = await startSwitch(context);
    await real.addPort('attached', 'dpdk', 'options:dpdk-devargs=net_absent0');
    await real.addPort('unnamed', 'dpdk');
    await real.addPort('misspelt', 'dpdkvhostuserclien');
    await real.addPort('patched', 'patch');
    await real.addPort('absent', 'dpdk', 'options:dpdk-devargs=ffff:1f:1f.7');
    await real.addVhostPort('missing', join(real.directory, 'missing.sock'));
    const findings = await findingsOf(real);
    const messages = findings.map(({ rule, severity, message }) => `${rule} ${severity} ${message}`);
    // Of the NIC that is not there VHG503 tells, which is about the machine.
    expect(messages).toEqual([
      expect.stringMatching(
        /^VHG518 error OVS could not open port "attached" \("Error attaching device 'net_absent0' to DPDK"\): look for /,
      ),
      expect.stringMatching(/^VHG518 error port "misspelt" has the type "dpdkvhostuserclien", .*: set "dpdkvhostuserclient"$/),
      expect.stringMatching(/^VHG518 warning OVS could not open port "patched" \(".*'peer'.*"\): correct its options, /),
      expect.stringMatching(/^VHG518 error port "unnamed" names no NIC, .*: set options:dpdk-devargs /),
      expect.stringMatching(/^VHG522 error .*"missing"/),
    ]);
    expect((await runCli(['host', 'check', '--ovsdb', real.ovsdb])).stdout).toContain(
      'VHG503 require-vfio-driver: there is no PCI device "ffff:',
    );
  });

  test('finds two ports that wait for one socket, and blames no guest for the one that gets none', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'v.sock');
    await real.addVhostPort('first', path);
    await real.startVm('vm', path);
    await real.waitFor('first', 'link_state', 'up');
    await real.addVhostPort('second', path);
    expect(await settledRules(real, ['VHG521'])).toEqual(['VHG521']);
    await real.vsctl('del-port', 'second');
    expect(await settledRules(real, [])).toEqual([]);
  });

  test('finds a guest that never starts its NIC behind a socket that answers', async (context) => {
    const real = await startSwitch(context, { vm: true });
    context.skip(!SEES_ALL, 'only root sees who listens');
    const path = join(real.directory, 'v0.sock');
    await real.startVm('v0', path, { isPaused: true });
    await real.addVhostPort('v0', path);
    await real.waitForLog('new device, handle is 0');
    expect(await rulesOf(real)).toEqual(['VHG524']);
  });

  test('finds a guest whose memory OVS cannot map, as QEMU falls back on its own virtio', async (context) => {
    const real = await startSwitch(context, { vm: true });
    context.skip(!SEES_ALL, 'only root sees who listens');
    const path = join(real.directory, 'v0.sock');
    await real.startVm('v0', path, { memory: 'anonymous' });
    await real.addVhostPort('v0', path);
    await real.waitForVm('v0', 'falling back on userspace virtio');
    expect(await settledRules(real, ['VHG524'])).toEqual(['VHG524']);
  });

  test('finds a path that was changed on a live port, which OVSDB shows and OVS does not use', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path);
    await real.waitFor('v0', 'link_state', 'up');
    const other = join(real.directory, 'other.sock');
    await using _ = await listenInSilence(other);
    await real.vsctl('set', 'Interface', 'v0', `options:vhost-server-path=${other}`);
    expect(await settledRules(real, ['VHG524'])).toEqual(['VHG524']);
    expect(await real.vsctl('get', 'Interface', 'v0', 'status:socket')).toContain(path);
  });

  test('finds a path that was changed before QEMU ever listened, and names that cause beside the guest', async (context) => {
    const real = await startSwitch(context);
    context.skip(!SEES_ALL, 'only root sees who listens');
    await real.addVhostPort('v0', join(real.directory, 'a.sock'));
    const other = join(real.directory, 'b.sock');
    await real.vsctl('set', 'Interface', 'v0', `options:vhost-server-path=${other}`);
    await using _ = await listenInSilence(other);
    // DPDK tries again each second, and has logged only its first attempt.
    await sleep(1500);
    const [finding, ...others] = await findingsOf(real);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'VHG524',
      message: expect.stringContaining('if the path was changed on the port, remove the port'),
    });
    await real.vsctl('del-port', 'v0');
    await real.addVhostPort('v0', other);
    await real.waitForLog('new device, handle is 0');
  });

  test('calls a vswitchd that was killed dead, and believes nothing that it left in OVSDB', async (context) => {
    const real = await startSwitch(context);
    await real.killVswitchd();
    expect(await rulesOf(real, '--timeout', '1')).toEqual(['VHG510']);
    expect(await rulesOf(real, '--timeout', '1', '--no-handshake')).toEqual(['VHG510']);
    await real.startVswitchd();
    expect(await rulesOf(real)).toEqual([]);
  });

  test.for([
    ['that was not asked to start it', { otherConfig: { 'dpdk-init': 'false' } }, 'dpdk-init is "false"'],
    ['that could not start it', { otherConfig: { 'dpdk-init': 'try', 'dpdk-extra': '--no-pci --no-huge' } }, 'although dpdk-init is "try"'],
    ['that is built without it', { build: 'plain' }, 'is built without DPDK'],
  ] as const)('names what is missing of DPDK in an OVS %s, and blames no port for it', async ([, wanted, message], context) => {
    const real = await startSwitch(context, wanted);
    const path = join(real.directory, 'v0.sock');
    await using _ = await listenInSilence(path);
    await real.addVhostPort('v0', path);
    expect(await real.vsctl('get', 'Interface', 'v0', 'error')).toContain('could not open network device');
    for (const flags of [[], ['--no-handshake']])
      expect(await findingsOf(real, ...flags)).toMatchObject([{ rule: 'VHG511', message: expect.stringContaining(message) }]);
  });

  test.for(['TRUE', 'Try'])('has nothing to say of a dpdk-init of %s, which OVS takes, until it is changed', async (init, context) => {
    const real = await startSwitch(context, { otherConfig: { 'dpdk-init': init } });
    expect(await findingsOf(real)).toEqual([]);
    await real.vsctl('set', 'Open_vSwitch', '.', 'other_config:dpdk-init=yes');
    expect(await real.vsctl('get', 'Open_vSwitch', '.', 'dpdk_initialized')).toContain('true');
    const message = expect.stringContaining('dpdk-init is "yes", so OVS has no DPDK from its next start on');
    expect(await findingsOf(real)).toMatchObject([{ rule: 'VHG511', severity: 'error', message }]);
  });

  test('reads masks of PMD CPUs as this Open vSwitch does, however odd', async (context) => {
    const real = await startSwitch(context);
    await real.addVhostPort('v0', join(real.directory, 'v0.sock'));
    const masks = ['c00000c', '0x3', '3', '0xC', '2,3', '2-3', 'zz', 'f0zz', '0', '800000000000', '1000000000002', '0x', '0X3', ' '];
    const really: Record<string, readonly number[]> = {};
    for (const mask of masks) {
      await real.vsctl('set', 'Open_vSwitch', '.', `other_config:pmd-cpu-mask="${mask}"`);
      really[mask] = await pmdCpusOf(real);
    }
    // Of an empty mask the rules take what is shown, which is one thread for each node.
    await real.vsctl('set', 'Open_vSwitch', '.', 'other_config:pmd-cpu-mask=""');
    expect(await pmdCpusOf(real)).toEqual([0, 1]);
    const isThere = (cpu: number): boolean => cpu < SIMULATED_CPUS;
    expect(really).toEqual(Object.fromEntries(masks.map((mask) => [mask, cpusOfMask(mask).filter(isThere)])));
  });

  test('finds a port that no PMD thread polls, or one on another NUMA node', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path);
    await real.waitFor('v0', 'link_state', 'up');
    await real.vsctl('set', 'Open_vSwitch', '.', 'other_config:pmd-cpu-mask=8');
    await expect
      .poll(() => findingsOf(real), POLLED)
      .toMatchObject([{ rule: 'VHG513', severity: 'warning', message: expect.stringContaining('node 1 (CPU 3)') }]);
    await real.vsctl('set', 'Open_vSwitch', '.', 'other_config:pmd-cpu-mask=0');
    await expect
      .poll(() => findingsOf(real), POLLED)
      .toMatchObject([{ rule: 'VHG513', severity: 'error', message: expect.stringContaining('no PMD thread polls port "v0"') }]);
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
    await real.startVm('v0', path, { memory: 'private' });
    await real.waitFor('v0', 'link_state', 'up');
    await sleep(3000);
    expect(await settledRules(real, ['VHG525'])).toEqual(['VHG525']);
  });

  test('finds a port for whose packet buffers there is no memory', async (context) => {
    const real = await startSwitch(context, { vm: true, otherConfig: { 'dpdk-extra': dpdkExtra(64) } });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path);
    await real.waitFor('v0', 'status:status', 'connected');
    await sleep(1000);
    expect(await findingsOf(real)).toMatchObject([{ rule: 'VHG515', severity: 'error' }]);
  });
});
