import type { V1LabelSelector, V1NetworkPolicySpec, V1PodDisruptionBudgetSpec, V1ServiceSpec } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { deployed, describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { selectedBy, workloadsOf } from '../support/workloads.ts';

const WEBHOOK = 'vhostguard-webhook';
const CONTROLLER = 'vhostguard-controller';

for (const overlay of OVERLAYS) {
  describeDeployed(`the selectors of deploy/overlays/${overlay}`, () => {
    const objects = kustomized(`overlays/${overlay}`);
    const workloads = workloadsOf(objects);
    const spec = <T>(kind: string, name: string): T => deployed(objects, kind, name)['spec'] as T;
    const picks = (selector: V1LabelSelector | undefined): string[] => selectedBy(selector?.matchLabels, workloads);

    test('each Deployment picks its own pods and no others', () => {
      for (const { name, deployment } of workloads) expect(picks(deployment.spec?.selector)).toEqual([name]);
    });

    test('the Service and the disruption budget are for the webhook', () => {
      const service = spec<V1ServiceSpec>('Service', WEBHOOK);
      expect(selectedBy(service.selector, workloads)).toEqual([WEBHOOK]);
      const ports = workloads.find(({ name }) => name === WEBHOOK)?.podSpec.containers.flatMap((container) => container.ports ?? []);
      expect(service.ports?.map(({ port, targetPort }) => [port, ports?.find(({ name }) => name === targetPort)?.containerPort])).toEqual([
        [443, 9443],
      ]);
      expect(picks(spec<V1PodDisruptionBudgetSpec>('PodDisruptionBudget', WEBHOOK).selector)).toEqual([WEBHOOK]);
    });

    test('webhook replicas keep away from each other and from nothing else', () => {
      const { affinity, topologySpreadConstraints } = workloads.find(({ name }) => name === WEBHOOK)?.podSpec ?? {};
      const terms = affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      expect(terms.map(({ podAffinityTerm }) => [podAffinityTerm.topologyKey, picks(podAffinityTerm.labelSelector)])).toEqual([
        ['kubernetes.io/hostname', [WEBHOOK]],
      ]);
      expect(topologySpreadConstraints?.map(({ topologyKey, labelSelector }) => [topologyKey, picks(labelSelector)])).toEqual([
        ['topology.kubernetes.io/zone', [WEBHOOK]],
      ]);
    });

    test('a network policy stands before each Deployment, and lets in the webhook port alone', () => {
      const webhook = spec<V1NetworkPolicySpec>('NetworkPolicy', WEBHOOK);
      const controller = spec<V1NetworkPolicySpec>('NetworkPolicy', CONTROLLER);
      expect([picks(webhook.podSelector), picks(controller.podSelector)]).toEqual([[WEBHOOK], [CONTROLLER]]);
      expect(webhook.ingress).toEqual([{ ports: [{ port: 'webhook' }] }]);
      expect(controller.ingress).toBeUndefined();
      for (const { policyTypes, egress } of [webhook, controller]) {
        expect(policyTypes).toEqual(['Ingress', 'Egress']);
        expect(egress).toEqual([{ ports: [{ port: 443 }, { port: 6443 }] }]);
      }
    });
  });
}
