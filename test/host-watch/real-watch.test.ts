import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { useRealSwitch } from '../support/real-ovs/use-real-switch.ts';
import { WatchingProgram, type WatchRecord } from '../support/watching-program.ts';

const startSwitch = useRealSwitch();

function portIn({ ports }: WatchRecord, name = 'v0'): WatchRecord['ports'][number] | undefined {
  return ports.find((port) => port.name === name);
}

// Building it can take longer than any of the tests.
beforeAll(() => void builtProgram(), 180_000);

describe('host watch of a real Open vSwitch', { timeout: 180_000 }, () => {
  test('sees a port appear, its VM start and send packets, and the port vanish', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const watching = new WatchingProgram('--ovsdb', real.ovsdb);
    expect((await watching.waitFor(() => true)).ports).toEqual([]);
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await watching.waitFor((record) => portIn(record)?.state === 'disconnected');
    const missing = await watching.waitFor((record) => (portIn(record)?.findings.length ?? 0) > 0);
    expect(portIn(missing)?.findings.map(({ rule }) => rule)).toEqual(['VHG522']);
    await real.startVm('v0', path);
    const sending = await watching.waitFor((record) => (portIn(record)?.packetsPerSecond?.['rxPackets'] ?? 0) > 0);
    expect(portIn(sending)).toMatchObject({ state: 'connected', mtu: 1500 });
    const whole = await watching.waitFor((record) => record.mempools.length > 0 && portIn(record)?.vm !== undefined);
    expect(portIn(whole)?.vm).toBe('v0');
    expect(whole.mempools).toMatchObject([{ size: 20_512, free: expect.any(Number) }]);
    expect(whole.pmdThreads.map(({ cpu }) => cpu)).toEqual([2, 3, 26, 27]);
    await real.vsctl('del-port', 'v0');
    await watching.waitFor((record) => portIn(record) === undefined);
    for (const rate of watching.records().flatMap((record) => Object.values(portIn(record)?.packetsPerSecond ?? {})))
      expect(rate).toBeGreaterThanOrEqual(0);
  });

  test('shows at a NIC why its port does not open', async (context) => {
    const real = await startSwitch(context);
    await real.addPort('dpdk0', 'dpdk', 'options:dpdk-devargs=net_absent0');
    await real.addPort('dpdk1', 'dpdk', 'options:dpdk-devargs=ffff:1f:1f.7');
    const watching = new WatchingProgram('--ovsdb', real.ovsdb);
    const record = await watching.waitFor(({ ports }) => ports.length === 2);
    const rules = ['dpdk0', 'dpdk1'].map((name) => portIn(record, name)?.findings.map(({ rule }) => rule));
    expect(rules).toEqual([['VHG518'], ['VHG503']]);
  });

  test('goes on while vswitchd is dead, says since when, and sees it come back', async (context) => {
    const real = await startSwitch(context);
    await real.addVhostPort('v0', join(real.directory, 'v0.sock'));
    const watching = new WatchingProgram('--ovsdb', real.ovsdb);
    await watching.waitFor((record) => portIn(record)?.state === 'disconnected');
    await real.killVswitchd();
    const first = await watching.waitFor(({ outage }) => outage !== undefined);
    expect(first.outage?.server).toBe('ovs-vswitchd');
    expect(portIn(first)?.state).toBe('unknown');
    const later = await watching.waitFor(({ findings }) => findings.some(({ rule }) => rule === 'VHG510'));
    expect(later.outage).toEqual(first.outage);
    await real.startVswitchd();
    await watching.waitFor((record) => record.outage === undefined && portIn(record)?.state === 'disconnected');
    watching.process.kill('SIGINT');
    expect(await watching.exited).toBe(0);
  });

  test.for(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s', async (signal, context) => {
    const real = await startSwitch(context);
    const watching = new WatchingProgram('--ovsdb', real.ovsdb);
    await watching.waitFor(() => true);
    watching.process.kill(signal);
    expect(await watching.exited).toBe(0);
  });

  test('ends by itself after as many samples as were asked for', async (context) => {
    const real = await startSwitch(context);
    const watching = new WatchingProgram('--ovsdb', real.ovsdb, '--count', '3');
    expect(await watching.exited).toBe(0);
    expect(watching.records()).toHaveLength(3);
  });
});
