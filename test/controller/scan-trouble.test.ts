import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { valueAt } from '../../src/core/path.ts';
import { DEFAULT_RESOURCES, type FakeResource } from '../support/fake-api-server/resource.ts';
import type { ApiRequest, Verb } from '../support/fake-api-server/route.ts';
import { startFakeApiServer } from '../support/fake-api-server/server.ts';
import { brokenVm, OPEN_REPORTS, PLATFORM, scan, startCluster, writesIn } from '../support/scan.ts';

const REPORTS = OPEN_REPORTS.plural;

function asking(verb: Verb, plural: string): (request: ApiRequest) => boolean {
  return (request) => request.verb === verb && request.plural === plural;
}

describe('the API server', () => {
  test('answers 409 over and over: the report is read again and written once', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const first = await scan(server);
    await first.whenScanned;
    await first.stop();
    const from = server.requests.length;
    server.failNext(asking('update', REPORTS), 409, 5);
    const settings = { rules: { VHG101: 'warn' as const } };
    const second = await scan(server, { settings });
    await second.whenScanned;
    const report = server.list('Report').find((each) => valueAt(each, ['scope', 'name']) === 'trex');
    expect(report?.['results']).toContainEqual(expect.objectContaining({ policy: 'VHG101', result: 'warn' }));
    expect(server.requests.slice(from).filter(asking('update', REPORTS))).toHaveLength(6);
    expect(second.log.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  test.for([429, 500, 503, 'reset', 'hang'] as const)(
    'answers %s for a while: the report is written in the end, and one line tells',
    async (failure) => {
      const server = await startCluster([...PLATFORM, brokenVm('trex')]);
      server.failNext(asking('create', REPORTS), failure, 6);
      const { log } = await scan(server, { pace: { timeoutMs: failure === 'hang' ? 500 : 5000 } });
      await vi.waitFor(() => expect(server.list('Report')).toHaveLength(2), 10_000);
      expect(log.filter((line) => line.includes('a policy report is not up to date'))).toHaveLength(1);
    },
  );

  test('may not be written to: the missing verb is told once, and reports are written when it is there', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a'), brokenVm('b')]);
    const allow = server.failNext(asking('create', REPORTS), 403, Infinity);
    const { log, whenScanned } = await scan(server);
    await whenScanned;
    await vi.waitFor(() => expect(server.requests.filter(asking('create', REPORTS)).length).toBeGreaterThan(6), 10_000);
    expect(log.filter((line) => line.includes('lacks the verb "create" on the resource "reports"'))).toHaveLength(1);
    allow();
    await vi.waitFor(() => expect(server.list('Report')).toHaveLength(3), 10_000);
  });

  test.for([
    ['413', { code: 413, message: 'Request entity too large: limit is 3145728' }],
    ['etcd', { code: 500, message: 'etcdserver: request is too large' }],
  ] as const)('refuses a report for its size (%s): it is cut, which it and the log say, and not written again', async ([, refusal]) => {
    const annotations = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x${index}`, 'y']));
    const vm = brokenVm('trex');
    const nics = Array.from({ length: 40 }, (_, index) => ({ name: `n${index}`, binding: { name: 'vhostuser' } }));
    const spec = valueAt(vm, ['spec', 'template', 'spec']) as Record<string, unknown>;
    spec['domain'] = { devices: { interfaces: nics } };
    const server = await startCluster([...PLATFORM, { ...vm, metadata: { ...Object(vm['metadata']), annotations } }]);
    const isLarge = ({ body, ...request }: ApiRequest): boolean =>
      asking('create', REPORTS)({ body, ...request }) && Object(valueAt(body, ['results'])).length > 20;
    server.failNext(isLarge, refusal, Infinity);
    const { log, whenScanned, stop } = await scan(server);
    await whenScanned;
    const report = server.list('Report').find((each) => valueAt(each, ['scope', 'name']) === 'trex');
    const results = valueAt(report, ['results']) as readonly unknown[];
    expect(results).toHaveLength(20);
    expect(results.at(-1)).toMatchObject({ rule: 'more-results', message: expect.stringMatching(/^\d+ more results are left out/) });
    expect(log).toContainEqual(expect.stringContaining('refuses the report of VirtualMachine nfv/trex as too large'));
    await stop();
    const from = server.requests.length;
    await (await scan(server)).whenScanned;
    expect(writesIn(server, from)).toEqual([]);
  });

  test('restarts: what changed meanwhile is found', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a'), brokenVm('gone')]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    await server.stop();
    server.put(brokenVm('new'));
    server.remove({ kind: 'VirtualMachine', namespace: 'nfv', name: 'gone' });
    server.compact();
    await server.start();
    const names = (): unknown[] => server.list('Report').map((each) => valueAt(each, ['scope', 'name']));
    await vi.waitFor(() => expect(names().sort()).toEqual(['a', 'new', 'userspace-ovs-net-1']), { timeout: 10_000 });
  });

  test('drops watches and forgets their history: nothing is missed', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a')]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    server.put(brokenVm('b'));
    server.compact();
    server.dropWatches();
    server.put(brokenVm('c'));
    await vi.waitFor(() => expect(server.list('Report')).toHaveLength(4), { timeout: 10_000 });
  });

  test('does not let VMs be listed: their reports stay, and the missing verb is told', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const first = await scan(server);
    await first.whenScanned;
    await first.stop();
    server.failNext(asking('list', 'virtualmachines'), 403, Infinity);
    const second = await scan(server);
    await second.whenScanned;
    expect(server.list('Report')).toHaveLength(2);
    expect(second.log).toContainEqual(expect.stringContaining('lacks the verb "list" on the resource "virtualmachines"'));
  });

  test('serves pools under their older version: they are scanned by it, and by the newer one when that comes', async () => {
    const newer = DEFAULT_RESOURCES.find(({ kind }) => kind === 'VirtualMachinePool') as FakeResource;
    const older = { ...newer, version: 'v1alpha1' };
    const server = await startFakeApiServer({
      resources: [...DEFAULT_RESOURCES.filter((each) => each !== newer), older, OPEN_REPORTS],
      objects: PLATFORM,
    });
    onTestFinished(server.stop);
    const spec = { replicas: 1, virtualMachineTemplate: { spec: brokenVm('member')['spec'] } };
    const pool = (version: string, name: string) => ({
      apiVersion: `pool.kubevirt.io/${version}`,
      kind: 'VirtualMachinePool',
      metadata: { name, namespace: 'nfv' },
      spec,
    });
    server.put(pool('v1alpha1', 'first'));
    const { whenScanned } = await scan(server);
    await whenScanned;
    server.put(pool('v1alpha1', 'second'));
    const scopes = (): unknown[] => server.list('Report').map(({ scope }) => scope);
    const scope = (version: string, name: string): unknown =>
      expect.objectContaining({ apiVersion: `pool.kubevirt.io/${version}`, kind: 'VirtualMachinePool', name });
    await vi.waitFor(() => expect(scopes()).toContainEqual(scope('v1alpha1', 'second')), 10_000);
    expect(scopes()).toContainEqual(scope('v1alpha1', 'first'));
    // What a pool looks up changes: it is read again, by the path that is served.
    server.remove({ kind: 'NetworkAttachmentDefinition', namespace: 'nfv', name: 'userspace-ovs-net-1' });
    await vi.waitFor(() => expect(JSON.stringify(server.list('Report')).split('"VHG120"')).toHaveLength(3), 10_000);
    expect(server.list('Report')).toHaveLength(2);
    const asked = server.requests.filter(({ plural }) => plural === older.plural).map(({ verb, version }) => `${verb} ${version}`);
    expect([...new Set(asked)].sort()).toEqual(['get v1alpha1', 'list v1alpha1', 'list v1beta1', 'watch v1alpha1']);
    server.unregister(older);
    server.register(newer);
    server.put(pool('v1beta1', 'third'));
    await vi.waitFor(() => expect(scopes()).toContainEqual(scope('v1beta1', 'third')), 10_000);
  });

  test('has no KubeVirt yet: the rest is scanned, and VMs are when it comes', async () => {
    const server = await startCluster(PLATFORM.slice(0, 1));
    const virtualMachines = { group: 'kubevirt.io', version: 'v1', plural: 'virtualmachines', kind: 'VirtualMachine', namespaced: true };
    server.unregister(virtualMachines);
    const { whenScanned } = await scan(server);
    await whenScanned;
    expect(server.list('Report')).toHaveLength(1);
    server.register(virtualMachines);
    server.put(brokenVm('trex'));
    await vi.waitFor(() => expect(server.list('Report')).toHaveLength(2), 10_000);
  });
});

describe('events', () => {
  test('tell of each rule that fails, once, and of one that fails again later with a raised count', async () => {
    let now = 1_790_000_000_000;
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const { whenScanned } = await scan(server, { now: () => now });
    await whenScanned;
    const told = server.list('Event').filter((event) => valueAt(event, ['involvedObject', 'name']) === 'trex');
    const failing = valueAt(
      server.list('Report').find((each) => valueAt(each, ['scope', 'name']) === 'trex'),
      ['results'],
    ) as readonly { policy: string; result: string }[];
    expect(told).toHaveLength(new Set(failing.filter(({ result }) => result === 'fail').map(({ policy }) => policy)).size);
    expect(told).toContainEqual(
      expect.objectContaining({
        type: 'Warning',
        reason: 'RequireHugepages',
        message: expect.stringMatching(/^VHG101 spec\.template\.spec\.domain/),
        count: 1,
        involvedObject: expect.objectContaining({ kind: 'VirtualMachine', namespace: 'nfv', name: 'trex' }),
      }),
    );
    const mended = brokenVm('trex');
    const domain = valueAt(mended, ['spec', 'template', 'spec', 'domain']) as Record<string, unknown>;
    domain['memory'] = { guest: '1Gi', hugepages: { pageSize: '1Gi' } };
    server.put(mended);
    const result = (): unknown => server.list('Report').find((each) => valueAt(each, ['scope', 'name']) === 'trex')?.['results'];
    await vi.waitFor(() => expect(result()).not.toContainEqual(expect.objectContaining({ policy: 'VHG101' })), 10_000);
    now += 3_600_000;
    server.put(brokenVm('trex'));
    await vi.waitFor(() => {
      const hugepages = server.list('Event').filter(({ reason }) => reason === 'RequireHugepages');
      expect(hugepages).toMatchObject([
        { count: 2, firstTimestamp: '2026-09-21T14:13:20.000Z', lastTimestamp: '2026-09-21T15:13:20.000Z' },
      ]);
    });
    expect(server.list('Event').filter(({ count }) => count !== 1)).toHaveLength(1);
  });

  test('a new controller does not tell again what its predecessor told', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const first = await scan(server);
    await first.whenScanned;
    await first.stop();
    const from = server.requests.length;
    await (await scan(server)).whenScanned;
    expect(server.requests.slice(from).filter(({ plural }) => plural === 'events')).toEqual([]);
  });

  test('are not written where the settings say so', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const { whenScanned } = await scan(server, { settings: { reports: { api: 'openreports', events: false } } });
    await whenScanned;
    expect(server.list('Event')).toEqual([]);
    expect(server.list('Report')).toHaveLength(2);
  });

  test('that may not be written cost no report', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a'), brokenVm('b')]);
    server.failNext(asking('create', 'events'), 403, Infinity);
    const { whenScanned, log } = await scan(server);
    await whenScanned;
    expect(server.list('Report')).toHaveLength(3);
    expect(log.filter((line) => line.includes('"create" on the resource "events"'))).toHaveLength(1);
  });
});

describe('many objects', () => {
  test('2,000 VMs are read in pages and none is kept', async () => {
    const ballast = 'x'.repeat(10_000);
    const bulky = Array.from({ length: 2000 }, (_, index) => {
      const vm = brokenVm(`vm-${index}`, index % 20 === 0 ? undefined : '');
      return { ...vm, metadata: { ...Object(vm['metadata']), annotations: { ballast: `${index}${ballast}` } } };
    });
    const server = await startCluster([...PLATFORM, ...bulky]);
    bulky.length = 0;
    const before = heapBytes();
    const { whenScanned } = await scan(server);
    await whenScanned;
    const reports = server.list('Report');
    expect(reports).toHaveLength(101);
    const pages = server.requests.filter(asking('list', 'virtualmachines'));
    expect(pages.map(({ query }) => query.get('limit'))).toEqual(Array.from({ length: 20 }, () => '100'));
    // The objects alone are 20 MB; the reports are kept by the fake server.
    expect(heapBytes() - before - 4 * JSON.stringify(reports).length).toBeLessThan(10_000_000);
  });
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
