import { describe, expect, test } from 'vitest';
import { matchConditions } from '../../src/controller/match-conditions.ts';
import { type WebhookConfigurationOptions, webhookConfigurations } from '../../src/controller/webhook-configurations.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { RULES } from '../../src/rules/index.ts';
import { unguarded } from '../support/unguarded.ts';

const OPTIONS: WebhookConfigurationOptions = {
  target: { at: 'service', namespace: 'vhostguard', name: 'vhostguard-webhook', port: 443 },
  caBundle: 'PEM',
  rules: RULES.map(({ meta }) => meta),
  settings: DEFAULT_SETTINGS,
};

interface Entry {
  readonly name: string;
  readonly clientConfig: Readonly<Record<string, unknown>>;
  readonly failurePolicy: string;
  readonly rules: readonly { readonly operations: string[]; readonly apiGroups: string[]; readonly resources: string[] }[];
  readonly namespaceSelector: unknown;
}

function entriesOf(options: Partial<WebhookConfigurationOptions> = {}): Entry[] {
  return webhookConfigurations({ ...OPTIONS, ...options }).flatMap(({ webhooks }) => webhooks as unknown as Entry[]);
}

describe('match conditions', () => {
  const conditions = Object.values(matchConditions(DEFAULT_SETTINGS)).flat();

  test.for(conditions.map(({ name, expression }) => [name, expression] as const))(
    '%s guards every step of every path',
    ([, expression]) => {
      expect(unguarded(expression)).toEqual([]);
    },
  );

  test('the check of guards sees a step that has none', () => {
    expect(unguarded('has(object.spec) && object.spec.domain.devices.exists(i, has(i.binding) && i.binding.name == "x")')).toEqual([
      'object.spec.domain.devices',
      'i.binding.name',
    ]);
    expect(unguarded('has(object.spec.domain)')).toEqual(['object.spec']);
    expect(unguarded("has(object.spec) || object.spec.config.matches(r'x')")).toEqual(['object.spec.config']);
  });

  test('what a VM says of itself, word for word', () => {
    const { strict } = matchConditions({ bindings: ['vhostuser', 'say "hi"'] });
    const [vmi] = strict[1]?.expression.split(' || (has(object.spec) && has(object.spec.template)') ?? [];
    expect(vmi).toBe(
      '(has(object.spec) && has(object.spec.domain) && has(object.spec.domain.devices) && has(object.spec.domain.devices.interfaces)' +
        ' && object.spec.domain.devices.interfaces.exists(i, has(i.vhostuser) ||' +
        ' has(i.binding) && has(i.binding.name) && i.binding.name in ["vhostuser","say \\"hi\\""]))',
    );
    expect(strict[2]?.expression).toBe(
      'request.operation != "UPDATE" || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec',
    );
  });

  test('cover each layout that has NICs, networks and launcher pods', () => {
    const { strict, lenient, mutate } = matchConditions(DEFAULT_SETTINGS);
    for (const path of ['object.spec', 'object.spec.template.spec', 'object.spec.virtualMachineTemplate.spec.template.spec']) {
      expect(strict[1]?.expression).toContain(`${path}.domain.devices.interfaces.exists(`);
      expect(lenient[1]?.expression).toContain(`${path}.networks.exists(n, has(n.multus))`);
    }
    expect(strict[1]?.expression).toContain(`object.spec.config.matches(r'"(?i:type)"\\s*:\\s*"userspace"')`);
    expect(lenient[1]?.expression).toContain('object.metadata.labels["kubevirt.io"] == "virt-launcher"');
    expect(mutate[1]).toEqual(lenient[1]);
  });

  test('what strict takes, lenient leaves: one call for each object', () => {
    const { strict, lenient } = matchConditions(DEFAULT_SETTINGS);
    expect(lenient[2]?.expression).toBe(`!((${strict[1]?.expression}) && (${strict[2]?.expression}))`);
  });
});

describe('webhook configurations', () => {
  test('fail open, but for objects that say vhost-user themselves', () => {
    expect(entriesOf().map(({ name, failurePolicy }) => [name, failurePolicy])).toEqual([
      ['mutate.vhostguard.dev', 'Ignore'],
      ['strict.validate.vhostguard.dev', 'Fail'],
      ['lenient.validate.vhostguard.dev', 'Ignore'],
    ]);
  });

  test('judge every admitted kind that rules have, on CREATE and UPDATE, and pods once', () => {
    const [, strict] = entriesOf();
    expect(strict?.rules.map(({ apiGroups, resources, operations }) => [apiGroups[0], resources.join(' '), operations.join(' ')])).toEqual([
      [
        'kubevirt.io',
        'virtualmachineinstances virtualmachines virtualmachineinstancereplicasets virtualmachineinstancepresets',
        'CREATE UPDATE',
      ],
      ['pool.kubevirt.io', 'virtualmachinepools', 'CREATE UPDATE'],
      ['k8s.cni.cncf.io', 'network-attachment-definitions', 'CREATE UPDATE'],
      ['', 'pods', 'CREATE'],
    ]);
  });

  test('repair only what has safe fixes, and only while it can be changed', () => {
    const [mutate] = entriesOf();
    expect(mutate?.rules.map(({ resources, operations }) => [resources.join(' '), operations.join(' ')])).toEqual([
      ['virtualmachineinstances', 'CREATE'],
      ['virtualmachines virtualmachineinstancereplicasets', 'CREATE UPDATE'],
      ['virtualmachinepools', 'CREATE UPDATE'],
      ['pods', 'CREATE'],
    ]);
    expect(entriesOf({ rules: [{ targets: ['pod'], fix: 'safe' }] })[0]?.rules).toHaveLength(1);
  });

  test('leave their own namespace, kube-system and the excluded ones alone', () => {
    const settings = { ...DEFAULT_SETTINGS, namespaces: { exclude: ['lab', 'kube-system'], shared: [] } };
    for (const { namespaceSelector } of entriesOf({ settings }))
      expect(namespaceSelector).toEqual({
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'lab', 'vhostguard'] }],
      });
  });

  test('point to a Service or to a URL', () => {
    expect(entriesOf()[0]?.clientConfig).toEqual({
      service: { namespace: 'vhostguard', name: 'vhostguard-webhook', path: '/mutate', port: 443 },
      caBundle: 'UEVN',
    });
    const target = { at: 'url', url: 'https://127.0.0.1:9443' } as const;
    expect(entriesOf({ target, caBundle: undefined })[1]?.clientConfig).toEqual({ url: 'https://127.0.0.1:9443/validate' });
  });

  test('answer in time, without side effects, and are called again after other webhooks', () => {
    const webhooks = webhookConfigurations(OPTIONS).flatMap((each) => each.webhooks);
    for (const webhook of webhooks)
      expect(webhook).toMatchObject({
        timeoutSeconds: 5,
        sideEffects: 'None',
        matchPolicy: 'Equivalent',
        admissionReviewVersions: ['v1'],
        objectSelector: {},
      });
    expect(webhooks.map((webhook) => webhook['reinvocationPolicy'])).toEqual(['IfNeeded', undefined, undefined]);
  });
});
