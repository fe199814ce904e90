import { readdirSync, readFileSync } from 'node:fs';
import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/core/json.ts';
import { charted, chartedByHelm, chartFile, describeWithHelm, helm, merged, renderedText } from '../support/helm-chart.ts';
import { type Deployed, deployed, describeDeployed, kustomized } from '../support/kustomized.ts';

const OPENSHIFT = chartFile('values-openshift.yaml');
const WITH_AGENT = { hostAgent: { enabled: true } };

/** The values with which the chart is what lies in overlays; a namespace is no part of a release unless it is asked for. */
const SAME: readonly (readonly [overlays: readonly string[], values: JsonObject])[] = [
  [['default'], {}],
  [['cert-manager'], { certificates: 'cert-manager' }],
  [['openshift'], OPENSHIFT],
  [['default', 'host-agent'], WITH_AGENT],
  [['openshift', 'host-agent-openshift'], merged(OPENSHIFT, WITH_AGENT)],
];
const WITH_NAMESPACE = { namespace: { create: true } };

const CLUSTER_WIDE = /^(Namespace|Cluster.*|ValidatingAdmissionPolicy(Binding)?|SecurityContextConstraints)$/;

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
  hostAgent: { enabled: true, nodeSelector: { zone: 'b' }, tolerations: [], resources: { requests: { cpu: '1' } } },
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

/** What `kubectl apply -k` makes of overlays together. The chart has one configuration, which is the host agent's too. */
function overlaid(overlays: readonly string[]): Deployed[] {
  const objects = overlays.flatMap((overlay) => kustomized(`overlays/${overlay}`));
  const { data } = deployed(objects, 'ConfigMap', 'vhostguard');
  return objects.map((object) =>
    object.kind === 'ConfigMap' && object.metadata.name === 'vhostguard-host-agent' ? { ...object, data } : object,
  );
}

describeDeployed('the chart', () => {
  test.for(SAME)('makes the objects of the overlays %j of the values %j', ([overlays, values]) => {
    expect(named(charted(merged(values, WITH_NAMESPACE)))).toEqual(named(overlaid(overlays)));
  });

  test.for(SAME)('leaves out only the namespace of the overlays %j when it is not asked for it', ([overlays, values]) => {
    const expected = overlaid(overlays).filter(({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== 'vhostguard');
    expect(named(charted(values))).toEqual(named(expected));
  });

  test('is compared with every overlay', () => {
    expect(new Set(SAME.flatMap(([overlays]) => overlays))).toEqual(new Set(readdirSync('deploy/overlays')));
  });
});

describe('the chart in another namespace', () => {
  test.for(SAME)('than that of the overlays %j with %j names that one everywhere', ([, values]) => {
    const all = merged(values, WITH_NAMESPACE);
    const objects = charted(all, 'elsewhere');
    const text = JSON.stringify(objects);
    expect(JSON.parse(text.replaceAll('elsewhere', 'vhostguard'))).toEqual(charted(all));
    const namespaces = objects.flatMap(({ kind, metadata }) => (CLUSTER_WIDE.test(kind) ? [] : metadata.namespace));
    expect(new Set(namespaces.filter((namespace) => namespace !== 'vhostguard-host'))).toEqual(new Set(['elsewhere']));
    expect(text).not.toMatch(/"namespace":"vhostguard"|"vhostguard\/|\.vhostguard\.svc/);
  });
});

/** What each Deployment and DaemonSet runs, by name. */
function podSpecsOf(values: JsonObject): ReadonlyMap<string, V1PodSpec> {
  const runs = charted(values).filter(({ kind }) => /^(Deployment|DaemonSet)$/.test(kind)) as unknown as V1Deployment[];
  return new Map(runs.map(({ metadata, spec }) => [metadata?.name ?? '', spec?.template.spec ?? { containers: [] }]));
}

describe('the values', () => {
  const images = (image: object): (string | undefined)[] =>
    [...podSpecsOf({ image, ...WITH_AGENT }).values()].flatMap(({ containers }) => containers.map((container) => container.image));

  test('name the image by tag, or by digest', () => {
    const repository = 'registry.example/vhostguard';
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(images({ repository, tag: '1.2' })).toEqual(Array(3).fill(`${repository}:1.2`));
    expect(images({ repository, tag: '1.2', digest })).toEqual(Array(3).fill(`${repository}@${digest}`));
  });

  test.for(['webhook', 'controller', 'hostAgent'] as const)('of %s reach its pods', (key) => {
    const { nodeSelector, tolerations, resources } = ALL_CHANGED[key];
    const name = key === 'hostAgent' ? 'vhostguard-host-agent' : `vhostguard-${key}`;
    const podSpec = podSpecsOf(ALL_CHANGED).get(name);
    expect(podSpec).toMatchObject({ nodeSelector, tolerations, imagePullSecrets: [{ name: 'registry' }] });
    const [container] = podSpec?.containers ?? [];
    expect(container?.args?.slice(-2)).toEqual(['--log-level', 'debug']);
    expect(container).toMatchObject({ imagePullPolicy: 'Always', resources });
  });

  test('of the webhook set its replicas, and may take its priority away', () => {
    expect(deployed(charted(ALL_CHANGED), 'Deployment', 'vhostguard-webhook')['spec']).toMatchObject({ replicas: 4 });
    expect(podSpecsOf(ALL_CHANGED).get('vhostguard-webhook')).not.toHaveProperty('priorityClassName');
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
  test.for([...SAME.map(([, values]) => values), ALL_CHANGED])('makes the same of %j', (values) => {
    expect(named(chartedByHelm(values, 'elsewhere'))).toEqual(named(charted(values, 'elsewhere')));
    expect(helm('lint', values)).toContain('0 chart(s) failed');
  });

  test('refuses values that are misspelt', () => {
    expect(() => helm('template', { webhook: { replica: 3 } })).toThrow(/'?replica'? (is )?not allowed/);
  });
});
