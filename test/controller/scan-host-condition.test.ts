import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { readManifests } from '../../src/manifest/read.ts';
import type { FakeApiServer } from '../support/fake-api-server/server.ts';
import { PLATFORM, scan, startCluster, writesIn } from '../support/scan.ts';

const [MACHINE = {}] = readManifests(readFileSync('deploy/examples/virtual-machine.yaml', 'utf8'), 'vm').manifests.map(
  ({ object }) => object,
);

/** What the host agent of the example's node says now. */
function said(server: FakeApiServer, status: string, heartbeat = new Date()): JsonObject {
  const [node = {} as JsonObject] = server.list('Node');
  const condition = { type: 'VhostUserReady', status, reason: status === 'False' ? 'RequireRunningOvs' : 'HostReady' };
  const annotations = { 'vhostguard.dev/host': JSON.stringify({ version: 1, failed: status === 'False' ? ['VHG510'] : [] }) };
  return {
    ...node,
    metadata: { ...Object(node['metadata']), annotations },
    status: { ...Object(node['status']), conditions: [{ ...condition, lastHeartbeatTime: heartbeat.toISOString() }] },
  };
}

/** What the report of the VM says of VHG123. */
function resultsFor(server: FakeApiServer, name: string): string[] {
  const reports = server.list('Report').filter(({ scope }) => Object(scope).name === name);
  const results = reports.flatMap((report) => report['results'] as JsonObject[]);
  return results.filter(({ policy }) => policy === 'VHG123').map(({ result, message }) => `${result}: ${message}`);
}

test('the report of a VM follows what the host agents say of the nodes that it could run on, and only VMs are judged again', async () => {
  const server = await startCluster([...PLATFORM, MACHINE]);
  const { whenScanned, metric } = await scan(server);
  await whenScanned;
  const name = String(Object(MACHINE['metadata']).name);
  expect(resultsFor(server, name)).toEqual([]);
  const evaluated = () => metric('vhostguard_scan_evaluations_total{');
  const before = await evaluated();

  server.put(said(server, 'False'));
  const failing = [
    'warn: no OVS-DPDK node that is large enough for this VM is ready (condition VhostUserReady), so mend one: worker-dpdk-0: RequireRunningOvs (VHG510)',
  ];
  await vi.waitFor(() => expect(resultsFor(server, name)).toEqual(failing), { timeout: 10_000 });
  const after = await evaluated();
  const changed = after.filter((line) => !before.includes(line));
  expect(changed).toEqual([expect.stringContaining('kind="VirtualMachine"')]);

  const from = server.requests.length;
  server.put(said(server, 'False', new Date(Date.now() + 1000)));
  server.put(said(server, 'True'));
  await vi.waitFor(() => expect(resultsFor(server, name)).toEqual([]), { timeout: 10_000 });
  expect(writesIn(server, from).filter((write) => write.endsWith(' reports'))).toEqual(['update reports']);
});

test('a VM that runs where OVS does not has it in its report, although there are other nodes', async () => {
  const [node = {}] = PLATFORM.filter(({ kind }) => kind === 'Node');
  const other = { ...node, metadata: { ...Object(node['metadata']), name: 'worker-dpdk-1' } };
  const { metadata, spec } = MACHINE as {
    readonly metadata: JsonObject;
    readonly spec: { readonly template: { readonly spec: JsonObject } };
  };
  const running = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'runs', namespace: metadata['namespace'] },
    spec: spec.template.spec,
    status: { nodeName: 'worker-dpdk-0' },
  };
  const server = await startCluster([...PLATFORM, other, running]);
  server.put(said(server, 'False'));
  const { whenScanned } = await scan(server);
  await whenScanned;
  expect(resultsFor(server, 'runs')).toEqual([
    'warn: this VM is on a node that is not ready for it (condition VhostUserReady), so mend worker-dpdk-0: RequireRunningOvs (VHG510)',
  ]);
});
