import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { charted, chartedByHelm, chartFile, describeWithHelm, helm, merged, renderedText } from '../support/helm-chart.ts';
import { type Deployed, describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { workloadsOf } from '../support/workloads.ts';

/** The values with which the chart is each overlay; a namespace is no part of a release unless it is asked for. */
const VALUES = {
  default: {},
  'cert-manager': { certificates: 'cert-manager' },
  openshift: chartFile('values-openshift.yaml'),
} as const;
const WITH_NAMESPACE = { namespace: { create: true } };

/** Every value that changes an object, changed. */
const ALL_CHANGED = {
  image: { repository: 'registry.example:5000/vhostguard', tag: '1.2', pullPolicy: 'Always', pullSecrets: [{ name: 'registry' }] },
  certificates: 'cert-manager',
  config: { enforcement: 'warn', rules: { VHG104: 'off' }, group: { gid: 1_000_810_000 } },
  logLevel: 'debug',
  webhook: {
    replicas: 4,
    priorityClassName: '',
    resources: { limits: { memory: '1Gi' } },
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    tolerations: [{ key: 'infra', operator: 'Exists' }],
  },
  controller: {
    resources: { requests: { cpu: 1 } },
    nodeSelector: { zone: 'a' },
    tolerations: [{ operator: 'Exists', tolerationSeconds: 5 }],
  },
  monitoring: { enabled: true, labels: { release: 'prometheus' } },
  openshift: { enabled: true },
  ...WITH_NAMESPACE,
};

/** Objects by kind and name. The configuration is compared as what it says: `toYaml` sorts its keys. */
function named(objects: readonly Deployed[]): ReadonlyMap<string, unknown> {
  const entries = objects.map((object) => {
    const data = object['data'] as Readonly<Record<string, string>> | undefined;
    const text = data?.['config.yaml'];
    const { kind, metadata } = object;
    return [`${kind} ${metadata.name}`, text === undefined ? object : { ...object, data: { 'config.yaml': parse(text) } }] as const;
  });
  const all = new Map(entries);
  expect(all.size).toBe(objects.length);
  return all;
}

for (const overlay of OVERLAYS) {
  describeDeployed(`the chart with the values of deploy/overlays/${overlay}`, () => {
    const expected = kustomized(`overlays/${overlay}`);

    test('makes the same objects', () => {
      expect(named(charted(merged(VALUES[overlay], WITH_NAMESPACE)))).toEqual(named(expected));
    });

    test('makes all but the namespace when it is not asked for it', () => {
      expect(named(charted(VALUES[overlay]))).toEqual(named(expected.filter(({ kind }) => kind !== 'Namespace')));
    });
  });
}

describe('the chart in another namespace', () => {
  test.for(Object.values(VALUES))('with %j names that one everywhere', (values) => {
    const all = merged(values, WITH_NAMESPACE);
    const text = JSON.stringify(charted(all, 'elsewhere'));
    expect(JSON.parse(text.replaceAll('elsewhere', 'vhostguard'))).toEqual(charted(all));
    const namespaced = charted(all, 'elsewhere').filter(({ kind }) => !/^(Namespace|Cluster.*)$/.test(kind));
    expect(new Set(namespaced.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['elsewhere']));
    expect(text).not.toMatch(/"namespace":"vhostguard"|"vhostguard\/|\.vhostguard\.svc/);
  });
});

describe('the values', () => {
  const images = (image: object): (string | undefined)[] =>
    workloadsOf(charted({ image })).flatMap(({ podSpec }) => podSpec.containers.map((container) => container.image));

  test('name the image by tag, or by digest', () => {
    const repository = 'registry.example/vhostguard';
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(images({ repository, tag: '1.2' })).toEqual([`${repository}:1.2`, `${repository}:1.2`]);
    expect(images({ repository, tag: '1.2', digest })).toEqual([`${repository}@${digest}`, `${repository}@${digest}`]);
  });

  test('reach both Deployments', () => {
    const [controller, webhook] = workloadsOf(charted(ALL_CHANGED));
    expect(webhook?.deployment.spec?.replicas).toBe(4);
    expect(webhook?.podSpec).not.toHaveProperty('priorityClassName');
    for (const [name, workload] of [['controller', controller] as const, ['webhook', webhook] as const]) {
      const { podSpec } = workload ?? {};
      expect(podSpec).toMatchObject({
        nodeSelector: ALL_CHANGED[name].nodeSelector,
        tolerations: ALL_CHANGED[name].tolerations,
        imagePullSecrets: [{ name: 'registry' }],
      });
      const { args = [], imagePullPolicy, resources } = podSpec?.containers[0] ?? {};
      expect(args.slice(-2)).toEqual(['--log-level', 'debug']);
      expect(imagePullPolicy).toBe('Always');
      expect(resources).toMatchObject(ALL_CHANGED[name].resources);
    }
  });

  test('give Prometheus the labels that it looks for', () => {
    const objects = charted(ALL_CHANGED).filter(({ kind }) => /^(ServiceMonitor|PrometheusRule)$/.test(kind));
    expect(objects.map(({ metadata }) => metadata.labels?.['release'])).toEqual(['prometheus', 'prometheus']);
  });
});

test('the chart has the version of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  expect(chartFile('Chart.yaml')).toMatchObject({ version, appVersion: version });
});

test('the notes say what to run in the namespace that was installed into', () => {
  const notes = renderedText('NOTES.txt', {}, 'elsewhere');
  expect(notes).toContain('npx vhostguard doctor --namespace elsewhere');
  expect(notes).toContain('kubectl label namespace elsewhere');
  expect(notes).not.toContain('cert-manager');
  expect(renderedText('NOTES.txt', { ...WITH_NAMESPACE, certificates: 'cert-manager' }, 'elsewhere')).not.toContain('label namespace');
});

describeWithHelm('helm', () => {
  test.for(Object.values({ ...VALUES, ALL_CHANGED }))('makes the same of %j', (values) => {
    expect(named(chartedByHelm(values, 'elsewhere'))).toEqual(named(charted(values, 'elsewhere')));
    expect(helm('lint', values)).toContain('0 chart(s) failed');
  });

  test('refuses values that are misspelt', () => {
    expect(() => helm('template', { webhook: { replica: 3 } })).toThrow(/'?replica'? (is )?not allowed/);
  });
});
