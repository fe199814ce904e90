import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { byId } from '../../src/catalogue/facts.ts';
import { parseConfiguration } from '../../src/configuration/parse.ts';
import { RULES } from '../../src/rules/index.ts';
import { modelOf, unknownMembers } from '../support/kubernetes-model.ts';
import { deployed, describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { notRestricted } from '../support/pod-security.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ROOT } from '../support/walls.ts';
import { workloadsOf } from '../support/workloads.ts';

/** What a CustomResourceDefinition brings, which has no model to compare with. */
const CUSTOM = ['Certificate', 'Issuer', 'PrometheusRule', 'ServiceMonitor'];

describe('the comparison with the Kubernetes API', () => {
  test('finds misspelt members wherever they are', () => {
    const container = { name: 'a', securityContext: { readOnlyRootFileSystem: true } };
    expect(unknownMembers({ spec: { template: { spec: { containers: [container] } } } }, 'V1Deployment')).toEqual([
      '.spec.template.spec.containers[0].securityContext.readOnlyRootFileSystem',
    ]);
  });
});

describe('the check of pod security', () => {
  test('finds all that a plain pod lacks', () => {
    const container = {
      name: 'a',
      ports: [{ containerPort: 1, hostPort: 1 }],
      securityContext: { capabilities: { drop: ['ALL'], add: ['X'] } },
    };
    expect(notRestricted({ hostNetwork: true, volumes: [{ name: 'v', hostPath: { path: '/' } }], containers: [container] })).toEqual([
      'hostNetwork: true',
      'volume v: hostPath',
      ...['runAsNonRoot', 'seccompProfile', 'allowPrivilegeEscalation', 'capabilities', 'hostPort'].map((what) => `container a: ${what}`),
    ]);
  });
});

for (const overlay of OVERLAYS) {
  describeDeployed(`deploy/overlays/${overlay}`, () => {
    const objects = kustomized(`overlays/${overlay}`);
    const workloads = workloadsOf(objects);

    test('holds only members that the Kubernetes API has', () => {
      for (const object of objects) {
        const model = modelOf(object);
        if (model === undefined) expect(CUSTOM).toContain(object.kind);
        else expect(unknownMembers(object, model, `${object.kind} ${object.metadata.name}`)).toEqual([]);
      }
    });

    test('lies in one namespace, which enforces the restricted pod security standard', () => {
      const namespaces = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
      expect(new Set(namespaces)).toEqual(new Set(['vhostguard']));
      expect(deployed(objects, 'Namespace', 'vhostguard').metadata.labels).toMatchObject({
        'pod-security.kubernetes.io/enforce': 'restricted',
      });
    });

    test('has two webhooks and one controller that is never doubled', () => {
      expect(workloads.map(({ name, deployment }) => [name, deployment.spec?.replicas, deployment.spec?.strategy?.type])).toEqual([
        ['vhostguard-controller', 1, 'Recreate'],
        ['vhostguard-webhook', 2, undefined],
      ]);
    });

    test('runs only restricted pods, whose root file system is read-only', () => {
      for (const { podSpec } of workloads) {
        expect(notRestricted(podSpec)).toEqual([]);
        for (const { securityContext } of podSpec.containers) expect(securityContext?.readOnlyRootFilesystem).toBe(true);
      }
    });

    test('gives each pod a token of its own account that lives an hour, and no other', () => {
      for (const { name, podSpec } of workloads) {
        expect(podSpec.serviceAccountName).toBe(name);
        expect(podSpec.automountServiceAccountToken).toBe(false);
        expect(deployed(objects, 'ServiceAccount', name)['automountServiceAccountToken']).toBe(false);
        const tokens = podSpec.volumes?.flatMap(
          ({ projected }) => projected?.sources?.flatMap((source) => source.serviceAccountToken ?? []) ?? [],
        );
        expect(tokens).toEqual([{ path: 'token', expirationSeconds: 3600 }]);
      }
    });

    test('asks for CPU and memory, and limits memory but not CPU', () => {
      for (const { podSpec } of workloads) {
        for (const { resources } of podSpec.containers) {
          expect(Object.keys(resources?.requests ?? {})).toEqual(['cpu', 'memory']);
          expect(Object.keys(resources?.limits ?? {})).toEqual(['memory']);
        }
      }
    });

    test('probes the health port', () => {
      for (const { podSpec } of workloads) {
        for (const { livenessProbe, readinessProbe, ports = [] } of podSpec.containers) {
          expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'health' });
          expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'health' });
          expect(ports.find(({ name }) => name === 'health')?.containerPort).toBe(9080);
        }
      }
    });

    test('mounts only volumes that it has, and every volume that it has', () => {
      for (const { podSpec } of workloads) {
        const mounted = podSpec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
        expect(mounted.sort()).toEqual(podSpec.volumes?.map(({ name }) => name).sort());
      }
    });

    test('has a configuration that vhostguard accepts', () => {
      const { data } = deployed(objects, 'ConfigMap', 'vhostguard') as unknown as { readonly data: Readonly<Record<string, string>> };
      expect(() => parseConfiguration(data['config.yaml'] ?? '', 'config.yaml', byId(RULES))).not.toThrow();
    });
  });
}

describeDeployed('the kustomization in README.md', () => {
  test('names the image and the configuration', () => {
    const [, text = ''] = /```yaml\n(resources:\n {2}- vhostguard\/deploy[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
    const directory = temporaryDirectory();
    const overlay = relative(realpathSync(directory), join(ROOT, 'deploy/overlays/default'));
    writeFileSync(join(directory, 'kustomization.yaml'), text.replace('vhostguard/deploy/overlays/default', overlay));
    writeFileSync(join(directory, 'config.yaml'), 'enforcement: warn\n');
    const objects = kustomized(directory);
    const images = workloadsOf(objects).flatMap(({ podSpec }) => podSpec.containers.map(({ image }) => image));
    expect(images).toEqual(['registry.example/vhostguard:0.1.0', 'registry.example/vhostguard:0.1.0']);
    expect(deployed(objects, 'ConfigMap', 'vhostguard')['data']).toEqual({ 'config.yaml': 'enforcement: warn\n' });
  });
});
