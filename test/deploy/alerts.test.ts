import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { webhookConfigurations } from '../../src/controller/webhook-configurations.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { RULES } from '../../src/rules/index.ts';
import { createControllerMetrics } from '../../src/telemetry/controller-metrics.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createScanMetrics } from '../../src/telemetry/scan-metrics.ts';
import { type Deployed, deployed, describeDeployed, kustomized } from '../support/kustomized.ts';
import { metricsUsed } from '../support/promql.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

/** Metrics of the API server and of Prometheus itself, which no registry of ours has. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  apiserver_admission_webhook_rejection_count: ['name', 'error_type'],
  apiserver_admission_webhook_fail_open_count: ['name'],
  up: ['app_kubernetes_io_component'],
};

/** Labels that a scrape adds to all metrics. */
const SCRAPED = ['job', 'pod'];

/** All metrics of webhook and controller with their labels, as Prometheus would scrape them. */
async function scraped(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const metrics = createMetrics('0.0.0', ['VirtualMachine']);
  const decision = { webhook: 'validate', operation: 'CREATE', kind: 'VirtualMachine', allowed: false, dryRun: false } as const;
  metrics.decision({ ...decision, denied: ['VHG101'], warned: [], repaired: [], crashed: [] } as never, 0.001);
  metrics.failure('validate', 'crashed');
  metrics.certificate('leaf', 1);
  metrics.certificateReload('invalid');
  metrics.cache(() => [{ kind: 'Node', isSynced: true, ageSeconds: 1 }]);
  const controller = createControllerMetrics('0.0.0');
  controller.upkeep(true);
  const scan = createScanMetrics(controller.registry);
  scan.findings('VHG101', 'fail', 1);
  scan.write('created');
  const text = `${(await metrics.render()).text}${(await controller.render()).text}`;
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? /gm)) {
    const known = found.get(name) ?? new Set<string>();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

async function unknownOf(expressions: readonly string[]): Promise<string[]> {
  const ours = await scraped();
  return expressions.flatMap(metricsUsed).flatMap(({ name, labels }) => {
    const known = FOREIGN[name] ?? ours.get(name);
    if (known === undefined) return [name];
    return labels.filter((label) => !new Set([...known, ...SCRAPED]).has(label)).map((label) => `${name}{${label}}`);
  });
}

describe('the comparison with the metrics', () => {
  test('finds metrics and labels that there are not', async () => {
    const expression =
      'sum by (rule, colour) (rate(vhostguard_rule_results_total{result="denied", size="1"}[5m])) / vhostguard_nothing_total';
    expect(await unknownOf([expression])).toEqual([
      'vhostguard_rule_results_total{size}',
      'vhostguard_rule_results_total{colour}',
      'vhostguard_nothing_total',
    ]);
  });
});

describeDeployed('the monitoring component', () => {
  const objects: readonly Deployed[] = kustomized('overlays/openshift');
  const rule = objects.length === 0 ? undefined : deployed(objects, 'PrometheusRule', 'vhostguard');
  const { groups = [] } = (rule?.['spec'] ?? {}) as { readonly groups?: readonly { readonly rules: readonly Alert[] }[] };
  const alerts = groups.flatMap(({ rules }) => rules);

  test('alerts on metrics and labels that exist', async () => {
    expect(alerts.length).toBeGreaterThan(5);
    expect(await unknownOf(alerts.map(({ expr }) => expr))).toEqual([]);
  });

  test('draws metrics and labels that exist', async () => {
    const { data } = deployed(objects, 'ConfigMap', 'vhostguard-dashboard') as unknown as {
      readonly data: Readonly<Record<string, string>>;
    };
    const { panels } = JSON.parse(data['vhostguard.json'] ?? '') as { panels: { targets: { expr: string }[] }[] };
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(5);
    expect(await unknownOf(expressions)).toEqual([]);
  });

  test('each alert has a severity, a summary and a section in the runbook', () => {
    const headings = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, labels, annotations } of alerts) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    }
  });

  test("the API server's alerts name the webhooks that are registered", () => {
    const target = { at: 'service', namespace: 'vhostguard', name: 'vhostguard-webhook', port: 443 } as const;
    const configurations = webhookConfigurations({ target, rules: RULES.map(({ meta }) => meta), settings: DEFAULT_SETTINGS });
    const names = configurations.flatMap(({ webhooks }) => webhooks.map(({ name }) => String(name)));
    const patterns = alerts.flatMap(({ expr }) => /apiserver_.*name=~"([^"]+)"/.exec(expr)?.[1] ?? []);
    expect(patterns.length).toBe(2);
    for (const pattern of patterns) for (const name of names) expect(name).toMatch(new RegExp(`^${pattern}$`));
  });
});
