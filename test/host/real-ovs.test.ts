import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gatherHost } from '../../src/host/gather.ts';
import type { HostSnapshot } from '../../src/host/host-snapshot.ts';
import type { RealSwitch } from '../support/real-ovs/real-switch.ts';
import { SEES_ALL, useRealSwitch } from '../support/real-ovs/use-real-switch.ts';
import { leaveStaleSocket } from '../support/stale-socket.ts';

function snapshotOf({ ovsdb }: RealSwitch, options: { readonly timeoutMs?: number } = {}): Promise<HostSnapshot> {
  return gatherHost({
    root: '/',
    ovsdb,
    timeoutMs: 5000,
    isVswitchdAsked: true,
    pciDevices: [],
    socketDirectories: [],
    now: new Date('2026-11-22T12:00:00Z'),
    ...options,
  });
}

const NOT_LISTENING = SEES_ALL ? false : { unknown: expect.stringMatching(/may not look|not to be seen/) };

/** What vswitchd has counted of all that the port's VM sent. */
function packetsFrom({ spec: { ovs } }: HostSnapshot): number {
  const [, port] = 'unknown' in ovs.interfaces ? [] : ovs.interfaces;
  return port?.traffic?.rxPackets[1] ?? 0;
}

describe('on a real Open vSwitch', { timeout: 60_000 }, () => {
  const startSwitch = useRealSwitch();

  test('a snapshot of a port with a VM has all that makes it healthy', async (context) => {
    const real = await startSwitch(context, { vm: true });
    const path = join(real.directory, 'v0.sock');
    await real.addVhostPort('v0', path);
    await real.startVm('v0', path);
    await real.waitFor('v0', 'link_state', 'up');
    const { ovs, vhostSockets } = (await snapshotOf(real)).spec;
    expect(ovs).toMatchObject({
      database: { state: 'answers' },
      control: { state: 'answers' },
      process: { uid: process.getuid?.(), gid: process.getgid?.() },
      handshake: { isDone: true },
      configuration: {
        dpdkVersion: expect.stringMatching(/^DPDK \d/),
        isDpdkInitialized: true,
        otherConfig: { 'pmd-cpu-mask': 'c00000c' },
      },
      bridges: [{ name: 'br-dpdk0', datapathType: 'netdev', ports: ['br-dpdk0', 'v0'] }],
      pmdThreads: [
        { numaNode: 0, cpu: 2, isIsolated: false, queues: [{ port: 'v0', queue: 0, isEnabled: true }] },
        { numaNode: 1, cpu: 3, queues: [] },
        { numaNode: 0, cpu: 26, queues: [] },
        { numaNode: 1, cpu: 27, queues: [] },
      ],
      mempools: [{ numaNode: 0, size: 20512, objectBytes: 3008 }],
    });
    expect(ovs.interfaces).toMatchObject([
      { name: 'br-dpdk0', type: 'internal' },
      {
        name: 'v0',
        bridge: 'br-dpdk0',
        options: { 'vhost-server-path': path },
        status: { mode: 'client', status: 'connected', numa: '0' },
        mtu: 1500,
        linkState: 'up',
        traffic: { rxPackets: [expect.any(Number), expect.any(Number)] },
      },
    ]);
    expect(vhostSockets).toMatchObject([{ interface: 'v0', path, file: { state: 'found', type: 'socket' }, isListening: true }]);
    await expect.poll(async () => packetsFrom(await snapshotOf(real)), { timeout: 20_000 }).toBeGreaterThan(0);
  });

  test('sockets that are missing, too long, stale or no sockets are told apart, though OVSDB says the same of all', async (context) => {
    const real = await startSwitch(context);
    const at = (name: string) => join(real.directory, name);
    const tooLong = at('x'.repeat(108 - real.directory.length - 1));
    writeFileSync(at('plain.sock'), '');
    await leaveStaleSocket(at('stale.sock'));
    await real.addVhostPort('missing', at('missing.sock'));
    await real.addVhostPort('nowhere', at('no/such/directory.sock'));
    await real.addVhostPort('long', tooLong);
    await real.addVhostPort('plain', at('plain.sock'));
    await real.addVhostPort('stale', at('stale.sock'));
    await real.addVhostPort('relative', 'relative.sock');
    await real.addVhostPort('none', undefined);
    const { ovs, vhostSockets, socketDirectories } = (await snapshotOf(real)).spec;
    const ports = 'unknown' in ovs.interfaces ? [] : ovs.interfaces.filter(({ type }) => type === 'dpdkvhostuserclient');
    expect(ports).toHaveLength(7);
    for (const port of ports) {
      expect(port.status['status']).toBe('disconnected');
      expect(port.error).toBeUndefined();
      expect(port.traffic).toBeUndefined();
    }
    expect(Object.fromEntries(vhostSockets.map((socket) => [socket.interface, socket]))).toMatchObject({
      missing: { file: { state: 'absent' }, isListening: NOT_LISTENING },
      nowhere: { file: { state: 'absent' }, directories: expect.arrayContaining([{ path: at('no'), file: { state: 'absent' } }]) },
      long: { pathBytes: 108, file: { state: 'absent' } },
      plain: { file: { state: 'found', type: 'file' }, isListening: NOT_LISTENING },
      stale: { file: { state: 'found', type: 'socket' }, isListening: NOT_LISTENING },
      relative: { file: { unknown: expect.stringContaining('relative') } },
    });
    expect(vhostSockets.map((socket) => socket.interface)).not.toContain('none');
    expect(socketDirectories.map(({ path }) => path)).toEqual([real.directory, at('no/such')]);
    expect(ovs.control.state).toBe('answers');
    expect(ovs.mempools).toEqual([]);
  });

  test('a vswitchd that was killed is dead, whatever it left in OVSDB', async (context) => {
    const real = await startSwitch(context);
    await real.addVhostPort('v0', join(real.directory, 'v0.sock'));
    await real.killVswitchd();
    const { ovs } = (await snapshotOf(real, { timeoutMs: 1000 })).spec;
    expect(ovs).toMatchObject({
      database: { state: 'answers' },
      control: { state: 'dead' },
      handshake: { isDone: false },
      configuration: { isDpdkInitialized: true },
      process: { unknown: expect.stringMatching(/^process \d+ is not ovs-vswitchd$/) },
      pmdThreads: { unknown: expect.stringContaining('nothing listens there') },
    });
    await real.startVswitchd();
    expect((await snapshotOf(real)).spec.ovs).toMatchObject({ control: { state: 'answers' }, handshake: { isDone: true } });
  });

  test('a port whose path is a directory, or whose socket has other permissions, is described as it is', async (context) => {
    const real = await startSwitch(context);
    await real.addVhostPort('directory', real.directory);
    const { vhostSockets } = (await snapshotOf(real)).spec;
    expect(vhostSockets).toMatchObject([{ file: { state: 'found', type: 'directory', mode: '0700', uid: process.getuid?.() } }]);
  });

  test('without DPDK has no such interface type, and its port an error', async (context) => {
    const real = await startSwitch(context, { otherConfig: { 'dpdk-init': 'false' } });
    await real.addVhostPort('v0', join(real.directory, 'v0.sock'));
    const { ovs } = (await snapshotOf(real)).spec;
    expect(ovs.configuration).toMatchObject({
      isDpdkInitialized: false,
      interfaceTypes: expect.not.arrayContaining(['dpdkvhostuserclient']),
    });
    expect(ovs.interfaces).toMatchObject([{}, { name: 'v0', error: expect.stringContaining('could not open network device'), ofport: -1 }]);
  });
});
