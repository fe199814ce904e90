import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  type V1DaemonSet,
  type V1NetworkPolicySpec,
  V1NodeStatus,
  type V1PodSpec,
  type V1ValidatingAdmissionPolicySpec,
} from '@kubernetes/client-node';
import { Environment } from '@marcbachmann/cel-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { byId } from '../../src/catalogue/facts.ts';
import { parseConfiguration } from '../../src/configuration/parse.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { HOST_ANNOTATION, HOST_CONDITION } from '../../src/kube/host-fault.ts';
import { RULES } from '../../src/rules/index.ts';
import { startFakeApiServer } from '../support/fake-api-server/server.ts';
import { capturedFiles, hostTree } from '../support/host-tree.ts';
import { modelOf, unknownMembers } from '../support/kubernetes-model.ts';
import { type Deployed, deployed, describeDeployed, kustomized } from '../support/kustomized.ts';
import { permissionsOf } from '../support/permissions.ts';
import { notRestricted } from '../support/pod-security.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ROOT } from '../support/walls.ts';
import { selectedBy, workloadsOf } from '../support/workloads.ts';

const AGENT = 'vhostguard-host-agent';
const NAMESPACE = 'vhostguard-host';

function podSpecIn(objects: readonly Deployed[]): V1PodSpec {
  const { spec } = deployed(objects, 'DaemonSet', AGENT) as unknown as V1DaemonSet;
  if (spec?.template.spec === undefined) throw new Error('the DaemonSet has no pod spec');
  return spec.template.spec;
}

for (const overlay of ['host-agent', 'host-agent-openshift']) {
  describeDeployed(`deploy/overlays/${overlay}`, () => {
    const objects = kustomized(`overlays/${overlay}`);
    const [container] = objects.length === 0 ? [] : podSpecIn(objects).containers;

    test('holds only members that the Kubernetes API has', () => {
      for (const object of objects) {
        const model = modelOf(object);
        if (model === undefined) expect(object.kind).toBe('SecurityContextConstraints');
        else expect(unknownMembers(object, model, `${object.kind} ${object.metadata.name}`)).toEqual([]);
      }
    });

    test('lies in a namespace of its own, the only one where pod security is off', () => {
      expect(new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))).toEqual(new Set([NAMESPACE]));
      expect(deployed(objects, 'Namespace', NAMESPACE).metadata.labels).toMatchObject({
        'pod-security.kubernetes.io/enforce': 'privileged',
      });
    });

    test('asks for nothing that a restricted pod may not have, but for what it says why', () => {
      expect(notRestricted(podSpecIn(objects))).toEqual([
        'volume host: hostPath',
        'container host-agent: runAsNonRoot',
        'container host-agent: runAsUser',
        'container host-agent: capabilities',
      ]);
      expect(container?.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['DAC_OVERRIDE', 'SYS_PTRACE'] },
      });
    });

    test('sees the whole host, and may not write to its root file system', () => {
      const mount = container?.volumeMounts?.find(({ name }) => name === 'host');
      expect(mount).toEqual({ name: 'host', mountPath: '/host', readOnly: true, mountPropagation: 'HostToContainer' });
      expect(container?.args?.join(' ')).toContain('--root /host');
      const mounted = container?.volumeMounts?.map(({ name }) => name) ?? [];
      expect(mounted.sort()).toEqual(
        podSpecIn(objects)
          .volumes?.map(({ name }) => name)
          .sort(),
      );
    });

    test('runs where VMs are placed, whatever taints are there', () => {
      const { nodeSelector, tolerations } = podSpecIn(objects);
      expect(nodeSelector).toEqual({ [DEFAULT_SETTINGS.placement.label]: DEFAULT_SETTINGS.placement.value });
      expect(tolerations).toEqual([{ operator: 'Exists' }]);
    });

    test('gives the pod a token of its own account that lives an hour, and no other', () => {
      const { serviceAccountName, automountServiceAccountToken, volumes } = podSpecIn(objects);
      expect([serviceAccountName, automountServiceAccountToken]).toEqual([AGENT, false]);
      expect(deployed(objects, 'ServiceAccount', AGENT)['automountServiceAccountToken']).toBe(false);
      const tokens = volumes?.flatMap(
        ({ projected }) => projected?.sources?.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []) ?? [],
      );
      expect(tokens).toEqual([{ path: 'token', expirationSeconds: 3600 }]);
    });

    test('asks for CPU and memory, limits memory but not CPU, and probes the health port', () => {
      expect(Object.keys(container?.resources?.requests ?? {})).toEqual(['cpu', 'memory']);
      expect(Object.keys(container?.resources?.limits ?? {})).toEqual(['memory']);
      expect([container?.livenessProbe?.httpGet, container?.readinessProbe?.httpGet]).toEqual([
        { path: '/healthz', port: 'health' },
        { path: '/readyz', port: 'health' },
      ]);
      expect(container?.args?.join(' ')).toContain(`--health-listen 0.0.0.0:${container?.ports?.[0]?.containerPort}`);
    });

    test('picks its own pods, and a network policy lets nothing in', () => {
      const { spec } = deployed(objects, 'DaemonSet', AGENT) as unknown as V1DaemonSet;
      const pods = [{ name: AGENT, podLabels: spec?.template.metadata?.labels ?? {}, podSpec: podSpecIn(objects), deployment: {} }];
      const policy = deployed(objects, 'NetworkPolicy', AGENT)['spec'] as V1NetworkPolicySpec;
      expect(selectedBy(spec?.selector.matchLabels, pods)).toEqual([AGENT]);
      expect(selectedBy(policy.podSelector?.matchLabels, pods)).toEqual([AGENT]);
      expect([policy.policyTypes, policy.ingress]).toEqual([['Ingress', 'Egress'], undefined]);
    });

    test('has a configuration that vhostguard accepts', () => {
      const { data } = deployed(objects, 'ConfigMap', AGENT) as unknown as { readonly data: Readonly<Record<string, string>> };
      expect(() => parseConfiguration(data['config.yaml'] ?? '', 'config.yaml', byId(RULES))).not.toThrow();
    });

    test('has the permissions that its command line uses, no more and no less', async () => {
      const server = await startFakeApiServer({ objects: [node()] });
      onTestFinished(server.stop);
      const root = hostTree(capturedFiles('two-numa-iommu-1g'));
      const replaced: Readonly<Record<string, readonly string[]>> = {
        '--in-cluster': ['--kubeconfig', server.kubeconfig()],
        '$(NODE_NAME)': ['worker-0'],
        '/host': [root],
        '0.0.0.0:9080': ['127.0.0.1:0'],
        '/etc/vhostguard/config.yaml': ['deploy/components/host-agent/config.yaml'],
      };
      expect(container?.env?.map(({ name, valueFrom }) => [name, valueFrom?.fieldRef?.fieldPath])).toEqual([
        ['NODE_NAME', 'spec.nodeName'],
      ]);
      const argv = (container?.args ?? []).flatMap((argument) => replaced[argument] ?? argument);
      expect(await runCli([...argv, '--once'])).toMatchObject({ exitCode: 0, stderr: '' });
      const used = server.requests.map(({ verb, plural, subresource }) => `${verb} ${plural}${subresource && `/${subresource}`}`);
      expect([...new Set(used)].sort()).toEqual(permissionsOf(objects, AGENT));
    });
  });
}

describeDeployed('the component host-agent beside the webhooks', () => {
  test('leaves them as they are, and takes its image from the same place', () => {
    const directory = temporaryDirectory();
    const path = (name: string): string => relative(realpathSync(directory), join(ROOT, 'deploy', name));
    const images = 'images: [{ name: vhostguard, newName: registry.example/vhostguard }]';
    const text = `resources: [${path('overlays/default')}]\ncomponents: [${path('components/host-agent')}]\n${images}\n`;
    writeFileSync(join(directory, 'kustomization.yaml'), text);
    const objects = kustomized(directory);
    const others = kustomized('overlays/default').filter(({ kind }) => kind !== 'Deployment');
    for (const object of others) expect(deployed(objects, object.kind, object.metadata.name)).toEqual(object);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    const all = [...workloadsOf(objects).map(({ podSpec }) => podSpec), podSpecIn(objects)].flatMap(({ containers }) => containers);
    expect(all.map(({ image }) => image)).toEqual(Array(3).fill(`registry.example/vhostguard:${version}`));
  });
});

function node(change: { readonly metadata?: JsonObject; readonly status?: JsonObject } = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker-0', labels: { zone: 'a' }, annotations: { other: 'x' }, ...change.metadata },
    status: { allocatable: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' }], ...change.status },
  };
}

describe('the admission policy of the host agent', () => {
  const text = readFileSync('deploy/components/host-agent/admission-policy.yaml', 'utf8');
  const policy = (): V1ValidatingAdmissionPolicySpec => {
    const objects = kustomized('overlays/host-agent');
    return deployed(objects, 'ValidatingAdmissionPolicy', AGENT)['spec'] as V1ValidatingAdmissionPolicySpec;
  };
  const environment = new Environment({ unlistedVariablesAreDyn: true });

  interface Write {
    readonly username?: string;
    readonly extra?: JsonObject;
    readonly name?: string;
    readonly object?: JsonObject;
    readonly oldObject?: JsonObject;
  }

  const MAY = { 'authentication.kubernetes.io/node-name': ['worker-0'] };

  /** The messages of what it refuses; `not asked` for those whom it does not concern. */
  function refusals({ username = `system:serviceaccount:${NAMESPACE}:${AGENT}`, extra = MAY, name = 'worker-0', ...objects }: Write) {
    const { matchConditions = [], validations = [] } = policy();
    const { object = node(), oldObject = node() } = objects;
    const holds = (expression: string): boolean =>
      environment.parse(expression)({ request: { name, userInfo: { username, extra } }, object, oldObject }) === true;
    if (!matchConditions.every(({ expression }) => holds(expression))) return 'not asked';
    return validations.filter(({ expression }) => !holds(expression)).map(({ message }) => message);
  }

  const SAID = node({
    metadata: { annotations: { other: 'x', [HOST_ANNOTATION]: '{}' } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: HOST_CONDITION, status: 'False' },
      ],
    },
  });

  test('names the annotation and the condition that the agent writes', () => {
    expect(text).toContain(`"${HOST_ANNOTATION}"`);
    expect(text).toContain(`"${HOST_CONDITION}"`);
  });

  describeDeployed('is asked', () => {
    test.for<[string, Write, unknown]>([
      ['what the agent writes', { object: SAID }, []],
      ['what it writes again', { object: SAID, oldObject: SAID }, []],
      [
        'the first annotation of a Node',
        { object: SAID, oldObject: { ...SAID, metadata: { name: 'worker-0', labels: { zone: 'a' } } } },
        [],
      ],
      ['what a kubelet writes', { username: 'system:node:worker-1', extra: {}, object: node({ status: {} }) }, 'not asked'],
    ])('and lets %s pass', ([, write, expected]) => {
      const isFirst = write.oldObject?.['metadata'] !== undefined && !('annotations' in Object(write.oldObject['metadata']));
      const object = isFirst
        ? { ...SAID, metadata: { name: 'worker-0', labels: { zone: 'a' }, annotations: { [HOST_ANNOTATION]: '{}' } } }
        : write.object;
      expect(refusals(object === undefined ? write : { ...write, object })).toEqual(expected);
    });

    test.for<[string, Write, string]>([
      ['another Node', { name: 'worker-1' }, 'a host agent writes the Node that it runs on, and no other'],
      ['a Node with a token of no node', { extra: {} }, 'a host agent writes the Node that it runs on, and no other'],
      ['a label', { object: node({ metadata: { labels: { zone: 'b' } } }) }, 'a host agent writes no label of a Node'],
      [
        'an annotation of others',
        { object: node({ metadata: { annotations: { other: 'y' } } }) },
        'a host agent writes no annotation of a Node but vhostguard.dev/host',
      ],
      ['an annotation away', { object: node({ metadata: { annotations: {} } }) }, 'a host agent takes no annotation from a Node'],
      [
        'the condition of the kubelet',
        { object: node({ status: { conditions: [{ type: 'Ready', status: 'False' }] } }) },
        'a host agent writes no condition of a Node but VhostUserReady',
      ],
      [
        'an owner that does not exist',
        { object: node({ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'none', uid: '1' }] } }) },
        'a host agent writes no owner and no finalizer of a Node',
      ],
      ['a finalizer', { object: node({ metadata: { finalizers: ['a/b'] } }) }, 'a host agent writes no owner and no finalizer of a Node'],
      ['what pods may have', { object: node({ status: { allocatable: { cpu: '0' } } }) }, 'a host agent does not write what a Node has'],
    ])('and stops an agent that writes %s', ([, write, message]) => {
      expect(refusals(write)).toEqual([message]);
    });

    const members = V1NodeStatus.getAttributeTypeMap().map(({ baseName }) => baseName);

    test.for(members.filter((name) => name !== 'conditions'))('and stops one that writes status.%s, or takes it away', (name) => {
      const [with0, with1] = [node({ status: { [name]: { any: '0' } } }), node({ status: { [name]: { any: '1' } } })];
      expect(refusals({ object: with0, oldObject: with0 })).toEqual([]);
      expect(refusals({ object: with1, oldObject: with0 })).toHaveLength(1);
      expect(refusals({ object: with0, oldObject: node() })).toHaveLength(1);
      expect(refusals({ object: node(), oldObject: with0 })).toHaveLength(1);
    });
  });
});
