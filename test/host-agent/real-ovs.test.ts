import { describe, expect, test } from 'vitest';
import { valueAt } from '../../src/core/path.ts';
import { conditionIn, eventually, flagsFor, hostWithoutOvs, nodeIn, startAgent, startServer } from '../support/host-agent.ts';
import { temporaryFile } from '../support/kubeconfig.ts';
import { useRealSwitch } from '../support/real-ovs/use-real-switch.ts';

/** Of the hardware, which is not that of the simulated CPUs. */
const OF_THE_MACHINE = ['VHG501', 'VHG502', 'VHG503', 'VHG504', 'VHG505', 'VHG512'];

const ANNOTATION = ['metadata', 'annotations', 'vhostguard.dev/host'];

describe('host agent on a real Open vSwitch', { timeout: 90_000 }, () => {
  const startSwitch = useRealSwitch();

  test('follows vswitchd through its death and its return, which OVSDB does not show', async (context) => {
    const real = await startSwitch(context);
    const server = await startServer();
    const rules = JSON.stringify(Object.fromEntries(OF_THE_MACHINE.map((rule) => [rule, 'off'])));
    const config = temporaryFile('config.yaml', `apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\nrules: ${rules}\n`);
    const agent = startAgent([...flagsFor(server, hostWithoutOvs()), '--ovsdb', real.ovsdb, '--config', config]);
    await eventually(() => expect(conditionIn(server), agent.log().join()).toMatchObject({ status: 'True', reason: 'HostReady' }));
    await real.addVhostPort('gone', '/var/lib/vhost_sockets/gone.sock');
    await eventually(() => expect(valueAt(nodeIn(server), ANNOTATION)).toContain('"failed":[],"ports":["VHG522"]'));
    expect(conditionIn(server)).toMatchObject({ status: 'True' });
    await real.killVswitchd();
    await eventually(() => expect(conditionIn(server)).toMatchObject({ status: 'False', reason: 'RequireRunningOvs' }));
    expect(await real.vsctl('--no-wait', 'get', 'Open_vSwitch', '.', 'dpdk_initialized')).toBe('true\n');
    await real.startVswitchd();
    await eventually(() => expect(conditionIn(server)).toMatchObject({ status: 'True' }));
    expect(await agent.stop()).toBe(0);
  });
});
