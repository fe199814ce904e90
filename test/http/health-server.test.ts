import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHealthServer } from '../../src/admission/http.ts';
import { close, listen } from '../../src/admission/listener.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const metrics = createMetrics('1.2.3', ['Pod']);
const reasons: string[] = [];
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createHealthServer({ unreadiness: () => reasons, metrics: () => metrics.render() });
  const { port } = await listen(server, { host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await close(server, 0);
});

test('/healthz is well as long as the process answers', async () => {
  reasons.push('draining');
  const response = await fetch(`${origin}/healthz`);
  expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  reasons.length = 0;
});

test('/readyz gives the reasons when it is not ready', async () => {
  expect((await fetch(`${origin}/readyz`)).status).toBe(200);
  reasons.push('draining', 'certificate expired');
  const response = await fetch(`${origin}/readyz`);
  expect([response.status, await response.text()]).toEqual([503, 'draining\ncertificate expired\n']);
  reasons.length = 0;
});

test('/metrics counts decisions with bounded labels', async () => {
  const decision = {
    webhook: 'validate',
    uid: 'u',
    kind: 'Pod',
    namespace: 'team-a',
    name: 'vm-1',
    operation: 'CREATE',
    dryRun: false,
    allowed: false,
    denied: ['VHG301'],
    warned: [],
    repaired: [],
    crashed: [],
  } as const;
  metrics.decision(decision, 0.002);
  metrics.decision({ ...decision, kind: 'Made-up', allowed: true, denied: [], repaired: ['VHG305'] }, 0.002);
  metrics.failure('mutate', 'refused');
  metrics.certificate('leaf', 1_800_000_000);
  const response = await fetch(`${origin}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'vhostguard_build_info{version="1.2.3"} 1',
      'vhostguard_admission_requests_total{webhook="validate",operation="CREATE",kind="Pod",allowed="false",dry_run="false"} 1',
      'vhostguard_admission_requests_total{webhook="validate",operation="CREATE",kind="other",allowed="true",dry_run="false"} 1',
      'vhostguard_admission_duration_seconds_count{webhook="validate"} 2',
      'vhostguard_admission_failures_total{webhook="mutate",reason="refused"} 1',
      'vhostguard_rule_results_total{rule="VHG301",result="denied"} 1',
      'vhostguard_rule_results_total{rule="VHG305",result="repaired"} 1',
      'vhostguard_webhook_certificate_not_after_timestamp_seconds{certificate="leaf"} 1800000000',
    ]),
  );
  expect(lines.join('\n')).not.toMatch(/team-a|vm-1/);
});

test.for([
  ['POST', '/healthz', 405],
  ['GET', '/mutate', 404],
  ['GET', '/', 404],
] as const)('%s %s is %i', async ([method, path, status]) => {
  expect((await fetch(`${origin}${path}`, { method })).status).toBe(status);
});
