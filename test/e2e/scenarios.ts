import { afterAll, beforeAll, describe, expect } from 'vitest';
import { admissionScenarios } from './admission-scenarios.ts';
import type { Cluster } from './cluster.ts';
import { hostAgentScenario } from './host-agent-scenario.ts';
import { brokenMachine, KUBEVIRT, machine, NAMESPACE, NODE, namespace, network } from './objects.ts';
import { operationScenarios } from './operation-scenarios.ts';
import { eventually, ok, Stage } from './stage.ts';

/**
 * What the product does for a user of kubectl: the controller and the webhooks run as processes of their own beside the cluster.
 * The tests build on each other, in their order.
 */
export function describeProduct(name: string, start: () => Promise<Cluster>): void {
  describe.sequential(name, { timeout: 240_000 }, () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await Stage.on(await start());
      const held = { finalizers: ['example.com/held'] };
      const before = [brokenMachine('from-before', held), brokenMachine('held', held)];
      // Kinds that were defined a moment ago may take another one to be found.
      for (const each of [namespace(NAMESPACE), namespace('kubevirt'), KUBEVIRT, NODE, network(), ...before])
        await eventually(async () => ok(await stage.apply(each)));
      await stage.startReplica();
      await stage.startController();
      // What is registered counts when the API server has heard of it.
      await eventually(async () => {
        expect((await stage.apply(brokenMachine('registered'), '--dry-run=server')).stderr).toContain('VHG101');
        expect(ok(await stage.apply(machine('registered'), '--dry-run=server')).stderr).toContain('VHG110 repaired');
      });
    }, 300_000);

    afterAll(async () => stage?.close(), 60_000);

    admissionScenarios(() => stage);
    hostAgentScenario(() => stage);
    operationScenarios(() => stage);
  });
}
