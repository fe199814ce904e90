import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMempools, parsePmdThreads } from '../../src/host/vswitchd-text.ts';
import { LARGEST_MTU, MIB, SMALLEST_MTU } from '../../src/host-plan/mempool.ts';
import { mbufBytes, portMbufs, sharedMbufs } from '../../src/kube/mempool.ts';
import { askVswitchd } from '../support/real-ovs/ask-vswitchd.ts';
import { findingsOf } from '../support/real-ovs/host-findings.ts';
import { type RealSwitch, until } from '../support/real-ovs/real-switch.ts';
import { dpdkExtra, useRealSwitch } from '../support/real-ovs/use-real-switch.ts';

interface Pool {
  readonly size: number;
  readonly objectBytes: number;
}

async function poolsOf(real: RealSwitch): Promise<Pool[]> {
  const text = await askVswitchd(real, 'netdev-dpdk/get-mempool-info');
  return parseMempools(text).map(({ size, objectBytes }) => ({ size, objectBytes }));
}

async function pmdThreadsOf(real: RealSwitch): Promise<number> {
  return parsePmdThreads(await askVswitchd(real, 'dpif-netdev/pmd-rxq-show')).length;
}

/** A NIC without hardware, of Debian's package librte-net-null23: with more queues than a VM of firmware has. */
const NULL_DRIVER = '/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0/librte_net_null.so.23.0';

/** Enough for one shared pool of MTU 1500: without hugepages each of its 262144 mbufs takes a page of 4 KiB. */
const SHARED_MIB = 1280;

/** A port with a running VM, for only such a one has a pool. */
async function startPort(real: RealSwitch): Promise<void> {
  const path = join(real.directory, 'v0.sock');
  await real.addVhostPort('v0', path);
  await real.startVm('v0', path);
  await real.waitFor('v0', 'status:status', 'connected');
}

/** Changes the MTU of the port, and waits until it has a pool for it. */
async function poolFor(real: RealSwitch, mtu: number): Promise<Pool | undefined> {
  await real.vsctl('set', 'Interface', 'v0', `mtu_request=${mtu}`);
  await real.waitFor('v0', 'mtu', String(mtu));
  // What the port had before is freed with the next change.
  let pools: Pool[] = [];
  await until(`there is a pool for MTU ${mtu}`, async () => {
    pools = await poolsOf(real);
    return pools.some(({ objectBytes }) => objectBytes === mbufBytes(mtu));
  });
  return pools.find(({ objectBytes }) => objectBytes === mbufBytes(mtu));
}

describe('the pools of a real Open vSwitch', { timeout: 120_000 }, () => {
  const startSwitch = useRealSwitch();

  test('of one port are those of the formula, whatever its MTU', async (context) => {
    const real = await startSwitch(context, { vm: true, otherConfig: { 'dpdk-extra': dpdkExtra(1024) } });
    await startPort(real);
    const mtus = [SMALLEST_MTU, 998, 999, 1500, 2022, 2023, 3000, 4000, 6000, 9000, 9216, LARGEST_MTU];
    const really: Record<number, Pool | undefined> = {};
    for (const mtu of mtus) really[mtu] = await poolFor(real, mtu);
    const size = portMbufs({ rxQueues: 1, txQueues: 1 });
    expect(really).toEqual(Object.fromEntries(mtus.map((mtu) => [mtu, { size, objectBytes: mbufBytes(mtu) }])));
  });

  test('stay as they are when a port is asked for an MTU that no frame can have', async (context) => {
    const real = await startSwitch(context, { vm: true });
    await startPort(real);
    await real.waitFor('v0', 'mtu', '1500');
    await real.vsctl('set', 'Interface', 'v0', `mtu_request=${LARGEST_MTU + 1}`);
    await real.waitForLog(`unsupported MTU ${LARGEST_MTU + 1}`);
    expect((await real.vsctl('get', 'Interface', 'v0', 'mtu', 'error')).trim().split('\n')).toEqual(['1500', '[]']);
    await expect
      .poll(() => findingsOf(real), { timeout: 20_000 })
      .toMatchObject([{ rule: 'VHG517', severity: 'warning', message: expect.stringContaining(`mtu_request ${LARGEST_MTU + 1}`) }]);
  });

  test('that ports share are those of the formula, on both sides of its limit', async (context) => {
    context.skip(freemem() < 2 * SHARED_MIB * MIB, 'not enough free memory for pools of 262144 mbufs');
    const otherConfig = { 'per-port-memory': 'false', 'dpdk-extra': dpdkExtra(SHARED_MIB) };
    const real = await startSwitch(context, { vm: true, otherConfig });
    await startPort(real);
    const mtus = [1500, 999, 2022, 998, 600, SMALLEST_MTU];
    const really: Record<number, Pool | undefined> = {};
    for (const mtu of mtus) really[mtu] = await poolFor(real, mtu);
    expect(really).toEqual(Object.fromEntries(mtus.map((mtu) => [mtu, { size: sharedMbufs(mtu), objectBytes: mbufBytes(mtu) }])));
    expect(await findingsOf(real)).toEqual([]);
  });

  test('that had to be halved are found, though OVS says nothing of them', async (context) => {
    const otherConfig = { 'per-port-memory': 'false', 'dpdk-extra': dpdkExtra(SHARED_MIB / 2) };
    const real = await startSwitch(context, { vm: true, otherConfig });
    await startPort(real);
    await real.waitFor('v0', 'mtu', '1500');
    expect(await poolsOf(real)).toEqual([{ size: 131_072, objectBytes: mbufBytes(1500) }]);
    await expect
      .poll(() => findingsOf(real), { timeout: 20_000 })
      .toMatchObject([{ rule: 'VHG515', severity: 'warning', message: expect.stringContaining('has 131072 packet buffers') }]);
    expect(real.log()).not.toMatch(/WARN.*mempool/);
  });

  test('of a port of its own that had to be halved are found too', async (context) => {
    context.skip(!existsSync(NULL_DRIVER), `not on this machine: ${NULL_DRIVER}`);
    const real = await startSwitch(context, { otherConfig: { 'dpdk-extra': dpdkExtra(128) } });
    await real.addPort('nic', 'dpdk', 'options:dpdk-devargs=net_null0', 'options:n_rxq=4');
    const whole = portMbufs({ rxQueues: 4, txQueues: (await pmdThreadsOf(real)) + 1 });
    expect(await poolsOf(real)).toEqual([{ size: whole / 2, objectBytes: mbufBytes(1500) }]);
    expect(await findingsOf(real)).toMatchObject([
      {
        rule: 'VHG515',
        severity: 'warning',
        message: expect.stringContaining(`has ${whole / 2} packet buffers on NUMA node 0, where OVS asks for ${whole}`),
      },
    ]);
    expect(real.log()).not.toMatch(/(?:WARN|ERR).*mempool/);
  });
});
