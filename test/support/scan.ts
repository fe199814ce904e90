import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { createConnection } from '../../src/cluster/connection.ts';
import { startLiveInventory } from '../../src/cluster/live-inventory.ts';
import { createSend } from '../../src/cluster/writes.ts';
import { SCAN_PACE, type Scan, type ScanPace, startScan } from '../../src/controller/scan.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { RULES } from '../../src/rules/index.ts';
import { createScanMetrics } from '../../src/telemetry/scan-metrics.ts';
import { DEFAULT_RESOURCES, type FakeResource } from './fake-api-server/resource.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server/server.ts';

export const OPEN_REPORTS: FakeResource = {
  group: 'openreports.io',
  version: 'v1alpha1',
  plural: 'reports',
  kind: 'Report',
  namespaced: true,
};

export const POLICY_REPORTS: FakeResource = {
  group: 'wgpolicyk8s.io',
  version: 'v1alpha2',
  plural: 'policyreports',
  kind: 'PolicyReport',
  namespaced: true,
};

/** Waits that a test can sit out. */
const QUICK: ScanPace = {
  ...SCAN_PACE,
  timeoutMs: 5000,
  firstRetryMs: 20,
  mostRetryMs: 100,
  wellMs: 20,
  forbiddenRetryMs: 100,
  settleMs: 20,
  reportApiRetryMs: 50,
};

/** The objects of `deploy/examples` that rules look up: a network that works, a KubeVirt and a node. */
export const PLATFORM: readonly JsonObject[] = ['network.yaml', 'cluster.yaml'].flatMap((file) =>
  readManifests(readFileSync(`deploy/examples/${file}`, 'utf8'), file).manifests.map(({ object }) => object),
);

/** A VM on the example network that lacks hugepages and more. @param networkName `namespace/name`; without one it is a plain VM */
export function brokenVm(name: string, networkName: string | undefined = 'nfv/userspace-ovs-net-1', namespace = 'nfv'): JsonObject {
  const nic = { name: 'dpdk0', binding: { name: 'vhostuser' } };
  const isPlain = networkName === '';
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: {
      runStrategy: 'Always',
      template: {
        spec: {
          domain: { devices: { interfaces: isPlain ? [{ name: 'default', masquerade: {} }] : [nic] } },
          networks: isPlain ? [{ name: 'default', pod: {} }] : [{ name: 'dpdk0', multus: { networkName } }],
        },
      },
    },
  };
}

/** A cluster with `objects`, where reports can be written. */
export async function startCluster(
  objects: readonly JsonObject[],
  reportApis: readonly FakeResource[] = [OPEN_REPORTS],
): Promise<FakeApiServer> {
  const server = await startFakeApiServer({ objects, resources: [...DEFAULT_RESOURCES, ...reportApis] });
  onTestFinished(server.stop);
  return server;
}

/** A scan that runs against a fake cluster, and what it said. */
export interface RunningScan extends Scan {
  readonly log: readonly string[];
  /** The lines of one metric, without its name. */
  metric(name: string): Promise<string[]>;
}

export interface ScanSetup {
  readonly settings?: Partial<Settings>;
  readonly pace?: Partial<ScanPace>;
  readonly now?: () => number;
}

/** Scans until the running test is over, or until it is stopped. */
export async function scan(server: FakeApiServer, { settings, pace, now = () => 1_790_000_000_000 }: ScanSetup = {}): Promise<RunningScan> {
  const log: string[] = [];
  const logger = {
    info: (message: string) => void log.push(message),
    warn: (message: string) => void log.push(`warn: ${message}`),
    error: (message: string) => void log.push(`error: ${message}`),
    decision: () => undefined,
    refused: () => undefined,
  };
  const quick = { ...QUICK, ...pace };
  const kubeconfig = server.kubeconfig();
  const live = startLiveInventory({ kubeconfig, pace: quick, log: logger, now: () => performance.now() });
  await live.whenSynced();
  const connection = createConnection({ kubeconfig, timeoutMs: quick.timeoutMs });
  const registry = new Registry();
  const running = startScan({
    connection,
    send: createSend(connection.access, quick.timeoutMs),
    rules: RULES,
    standards: { settings: { ...DEFAULT_SETTINGS, ...settings }, today: '2026-09-01' },
    inventory: live.inventory,
    onChange: live.onChange,
    logger,
    metrics: createScanMetrics(registry),
    now,
    pace: quick,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await running.stop();
    await live.stop();
  };
  onTestFinished(stop);
  return {
    ...running,
    stop,
    log,
    metric: async (name) => {
      const text = await registry.metrics();
      return text.split('\n').flatMap((line) => (line.startsWith(name) ? line.slice(name.length).trim() : []));
    },
  };
}

/** The writes that were asked for since the `from`th request, as `verb plural`. */
export function writesIn(server: FakeApiServer, from = 0): string[] {
  return server.requests
    .slice(from)
    .filter(({ verb }) => verb === 'create' || verb === 'update' || verb === 'delete' || verb === 'patch')
    .map(({ verb, plural }) => `${verb} ${plural}`);
}
