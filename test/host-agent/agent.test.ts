import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/cluster/api-server.ts';
import { AppError } from '../../src/core/errors.ts';
import { HostAgent } from '../../src/host-agent/agent.ts';
import { verdictOf } from '../../src/host-agent/verdict.ts';
import { createHostMetrics } from '../../src/telemetry/host-metrics.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { NODE } from '../support/host-agent.ts';

/** An agent of a host that is well, whose writes become this. */
function agentWith(write: () => Promise<Answer>) {
  const metrics = createHostMetrics('0.0.0');
  const agent = new HostAgent({
    node: 'worker-0',
    send: async (method) => (method === 'GET' ? { status: 200, body: NODE } : write()),
    judge: async () => verdictOf({ findings: [], passed: ['VHG510'] }),
    logger: createLogger('error', { write: () => undefined }),
    metrics,
    now: () => 0,
  });
  return { agent, metrics };
}

describe('a write of the agent', () => {
  test.for<[string, () => Promise<Answer>]>([
    ['is refused', async () => ({ status: 500, body: undefined })],
    ['has no answer', () => Promise.reject(new AppError('CLUSTER_UNREACHABLE', 'cannot reach the API server'))],
  ])('counts as failed when it %s', async ([, write]) => {
    const { agent, metrics } = agentWith(write);
    await expect(agent.look()).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect((await metrics.render()).text).toContain('vhostguard_host_writes_total{result="failed"} 1');
    expect(agent.obstacles()).toEqual(['nothing was said in the Node yet']);
  });

  test('that an admission policy refuses is not said to pass later', async () => {
    const denied = { message: 'a host agent writes the Node that it runs on, and no other' };
    const { agent } = agentWith(async () => ({ status: 422, body: denied }));
    await expect(agent.look()).rejects.toMatchObject({
      message: `the API server answers patch of nodes/status with 422: ${denied.message}`,
      hint: expect.stringContaining('look at --node'),
    });
  });
});
