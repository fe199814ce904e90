import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { machine, NODE } from './objects.ts';
import { said, scratchDirectory, startProgram } from './product.ts';
import { eventually, ok, type Stage } from './stage.ts';

/** What a node says of its host, and what becomes of it. */
export function hostAgentScenario(on: () => Stage): void {
  const node = String(Object(NODE['metadata']).name);
  const conditions = async (): Promise<readonly JsonObject[]> => {
    const { stdout } = ok(await on().kubectl(['get', 'node', node, '-o', 'json']));
    return Object(JSON.parse(stdout)).status.conditions ?? [];
  };
  const setStatus = (status: object) => on().patch(`node/${node}`, 'merge', { status }, '--subresource=status');

  test('a host without OVS says so in its Node, beside what the kubelet says there, and VMs that fit nowhere else are warned of', async () => {
    const kubelets = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }];
    const before = { allocatable: { cpu: '8', 'hugepages-1Gi': '8Gi' }, conditions: kubelets };
    ok(await setStatus(before));
    const host = scratchDirectory();
    const flags = ['--node', node, '--root', host.path, '--timeout', '1', '--interval', '1s', '--kubeconfig', on().cluster.kubeconfig];
    const agent = await startProgram(['host', 'agent', ...flags]);
    try {
      await agent.whenReady();
      expect(await said(/VhostUserReady is (\w+), RequireRunningOvs/, agent.output, { exitCode: null })).toBe('False');
      const inNode = await conditions();
      expect(inNode).toHaveLength(2);
      expect(inNode).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
      expect(inNode).toContainEqual(expect.objectContaining({ type: 'VhostUserReady', status: 'False', reason: 'RequireRunningOvs' }));
      const path = 'jsonpath={.metadata.annotations.vhostguard\\.dev/host}';
      expect(JSON.parse(ok(await on().kubectl(['get', 'node', node, '-o', path])).stdout)).toMatchObject({ failed: ['VHG510'] });
      await eventually(async () =>
        expect(ok(await on().apply(machine('nowhere'), '--dry-run=server')).stderr).toMatch(/VHG123: .*large enough for this VM is ready/),
      );
    } finally {
      await agent.end('SIGTERM');
      host.remove();
    }
    expect(agent.exitCode()).toBe(0);
    expect(await conditions()).toHaveLength(2);
    ok(await setStatus(before));
    await eventually(async () => expect(ok(await on().apply(machine('nowhere'), '--dry-run=server')).stderr).not.toContain('VHG123'));
    ok(await setStatus({ allocatable: null, conditions: null }));
  });
}
