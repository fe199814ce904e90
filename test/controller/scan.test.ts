import { describe, expect, test, vi } from 'vitest';
import { CONTENT_HASH } from '../../src/controller/report-wanted.ts';
import { valueAt } from '../../src/core/path.ts';
import { brokenVm, OPEN_REPORTS, PLATFORM, POLICY_REPORTS, scan, startCluster, writesIn } from '../support/scan.ts';

const NAD = { kind: 'NetworkAttachmentDefinition', namespace: 'nfv', name: 'userspace-ovs-net-1' };

function subjectsOf(reports: readonly object[]): string[] {
  return reports.map((report) => `${valueAt(report, ['scope', 'kind'])} ${valueAt(report, ['scope', 'name'])}`).sort();
}

describe('reports', () => {
  test('each object with a vhost-user NIC gets one, named by its uid and owned by it', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex'), brokenVm('plain', '')]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    const reports = server.list('Report');
    expect(subjectsOf(reports)).toEqual(['NetworkAttachmentDefinition userspace-ovs-net-1', 'VirtualMachine trex']);
    const vm = server.get({ kind: 'VirtualMachine', namespace: 'nfv', name: 'trex' });
    const report = server.get({ kind: 'Report', namespace: 'nfv', name: vm?.metadata.uid ?? '' });
    expect(report).toMatchObject({
      apiVersion: 'openreports.io/v1alpha1',
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': 'vhostguard' },
        annotations: { [CONTENT_HASH]: expect.stringMatching(/^[0-9a-f]{16}$/) },
        ownerReferences: [{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'trex', uid: vm?.metadata.uid }],
      },
      summary: { fail: expect.any(Number) },
      results: expect.arrayContaining([expect.objectContaining({ policy: 'VHG101', result: 'fail' })]),
    });
  });

  test('a second scan of an unchanged cluster writes nothing, also in another process', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a'), brokenVm('b')]);
    const first = await scan(server);
    await first.whenScanned;
    await first.stop();
    const from = server.requests.length;
    const second = await scan(server, { pace: { rescanMs: 50 } });
    await second.whenScanned;
    await vi.waitFor(() => expect(second.log.filter((line) => line.startsWith('scanned')).length).toBeGreaterThan(2), 10_000);
    expect(writesIn(server, from)).toEqual([]);
    expect(server.list('Report')).toHaveLength(3);
  });

  test('an object that is made, mended, takes its NIC away or is deleted has its report follow', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('stays'), brokenVm('leaves'), brokenVm('dies')]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    server.put(brokenVm('comes'));
    server.put(brokenVm('leaves', ''));
    server.remove({ kind: 'VirtualMachine', namespace: 'nfv', name: 'dies' });
    await vi.waitFor(() =>
      expect(subjectsOf(server.list('Report'))).toEqual([
        'NetworkAttachmentDefinition userspace-ovs-net-1',
        'VirtualMachine comes',
        'VirtualMachine stays',
      ]),
    );
  });

  test('what was deleted while nobody looked loses its report, and so does an object that took its name', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('dies'), brokenVm('reborn')]);
    const first = await scan(server);
    await first.whenScanned;
    await first.stop();
    const before = server.list('Report').map(({ metadata }) => metadata.name);
    for (const name of ['dies', 'reborn']) server.remove({ kind: 'VirtualMachine', namespace: 'nfv', name });
    server.put(brokenVm('reborn'));
    const second = await scan(server);
    await second.whenScanned;
    const after = server.list('Report');
    expect(subjectsOf(after)).toEqual(['NetworkAttachmentDefinition userspace-ovs-net-1', 'VirtualMachine reborn']);
    const reborn = server.get({ kind: 'VirtualMachine', namespace: 'nfv', name: 'reborn' })?.metadata.uid;
    expect(before).not.toContain(reborn);
    expect(after.map(({ metadata }) => metadata.name)).toContain(reborn);
  });

  test('one that somebody deleted or changed is made right by the next scan, and labels of others stay', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a'), brokenVm('b')]);
    const { whenScanned } = await scan(server, { pace: { rescanMs: 50 } });
    await whenScanned;
    const [deleted, changed] = server.list('Report');
    if (deleted === undefined || changed === undefined) throw new Error('there are no reports');
    server.remove({ kind: 'Report', namespace: 'nfv', name: deleted.metadata.name });
    const labels = { ...Object(changed.metadata['labels']), team: 'nfv' };
    server.put({ ...changed, results: [], metadata: { ...changed.metadata, labels, annotations: { [CONTENT_HASH]: 'forged' } } });
    await vi.waitFor(() => {
      expect(server.get({ kind: 'Report', namespace: 'nfv', name: deleted.metadata.name })?.['results']).toEqual(deleted['results']);
      expect(server.get({ kind: 'Report', namespace: 'nfv', name: changed.metadata.name })).toMatchObject({
        results: changed['results'],
        metadata: { labels: { team: 'nfv', 'app.kubernetes.io/managed-by': 'vhostguard' } },
      });
    });
  });

  test('a report that a user applied from check stays', async () => {
    const applied = {
      apiVersion: 'openreports.io/v1alpha1',
      kind: 'Report',
      metadata: { name: 'by-hand', namespace: 'nfv', labels: { 'app.kubernetes.io/managed-by': 'vhostguard' } },
      scope: { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', namespace: 'nfv', name: 'not-made-yet' },
    };
    const server = await startCluster([...PLATFORM, applied]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    expect(server.get({ kind: 'Report', namespace: 'nfv', name: 'by-hand' })).toMatchObject(applied);
  });

  test('two controllers at once agree, and none undoes what the other wrote', async () => {
    const server = await startCluster([...PLATFORM, ...['a', 'b', 'c', 'd'].map((name) => brokenVm(name))]);
    const scans = await Promise.all([scan(server), scan(server)]);
    await Promise.all(scans.map(({ whenScanned }) => whenScanned));
    expect(server.list('Report')).toHaveLength(5);
    expect(writesIn(server).filter((write) => write === 'update reports' || write === 'delete reports')).toEqual([]);
  });
});

describe('changes', () => {
  test('a changed network has exactly its users judged again', async () => {
    const other = { ...PLATFORM[0], metadata: { name: 'other', namespace: 'nfv' } };
    const server = await startCluster([
      ...PLATFORM,
      other,
      brokenVm('user'),
      brokenVm('second-user', 'nfv/userspace-ovs-net-1', 'lab'),
      brokenVm('elsewhere', 'nfv/other'),
      brokenVm('plain', ''),
    ]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    const from = server.requests.length;
    server.remove(NAD);
    const failsOf = (name: string, namespace: string): unknown => {
      const report = server.list('Report').find((each) => valueAt(each, ['scope', 'name']) === name);
      expect(report?.metadata.namespace).toBe(namespace);
      return valueAt(report, ['results']);
    };
    const lacking = expect.arrayContaining([expect.objectContaining({ policy: 'VHG120', result: 'fail' })]);
    await vi.waitFor(() => {
      expect(failsOf('user', 'nfv')).toEqual(lacking);
      expect(failsOf('second-user', 'lab')).toEqual(lacking);
    });
    const looked = server.requests.slice(from).filter(({ verb, plural }) => verb === 'get' && plural === 'virtualmachines');
    expect(looked.map(({ namespace, name }) => `${namespace}/${name}`).sort()).toEqual(['lab/second-user', 'nfv/user']);
  });

  test('a VM comes into scope when its network turns out to be vhost-user, without being changed itself', async () => {
    const vm = brokenVm('late', 'nfv/later');
    const nics = valueAt(vm, ['spec', 'template', 'spec', 'domain', 'devices']) as Record<string, unknown>;
    nics['interfaces'] = [{ name: 'dpdk0', bridge: {} }];
    const server = await startCluster([...PLATFORM.slice(1), vm]);
    const { whenScanned } = await scan(server);
    await whenScanned;
    expect(server.list('Report')).toEqual([]);
    server.put({ ...PLATFORM[0], metadata: { name: 'later', namespace: 'nfv' } });
    await vi.waitFor(() => expect(subjectsOf(server.list('Report'))).toContain('VirtualMachine late'), 10_000);
  });

  test('a flood of changes of one network is as much work as a few of them', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('user')]);
    const { whenScanned, metric } = await scan(server, { pace: { settleMs: 300 } });
    await whenScanned;
    const from = server.requests.length;
    for (let change = 0; change < 1000; change += 1) {
      const annotations = { change: String(change) };
      server.put({ ...PLATFORM[0], metadata: { name: NAD.name, namespace: NAD.namespace, annotations } });
    }
    server.remove(NAD);
    await vi.waitFor(async () => expect(await metric('vhostguard_scan_findings')).toContain('{rule="VHG120",status="fail"} 1'), 10_000);
    const looked = server.requests.slice(from).filter(({ verb, plural }) => verb === 'get' && plural === 'virtualmachines');
    expect(looked.length).toBeLessThan(10);
  });

  test('new settings count at once', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const running = await scan(server);
    await running.whenScanned;
    const { DEFAULT_SETTINGS } = await import('../../src/core/settings.ts');
    running.use({ settings: { ...DEFAULT_SETTINGS, namespaces: { exclude: ['nfv'], shared: [] } }, today: '2026-09-01' });
    await vi.waitFor(() => expect(server.list('Report')).toEqual([]), 10_000);
  });
});

describe('metrics', () => {
  test('tell what exists, what is found and what was written', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex'), brokenVm('plain', '')]);
    const { whenScanned, metric } = await scan(server);
    await whenScanned;
    const subjects = await metric('vhostguard_scan_subjects');
    expect(subjects).toContain('{kind="VirtualMachine",in_scope="true"} 1');
    expect(subjects).toContain('{kind="VirtualMachine",in_scope="false"} 1');
    expect(await metric('vhostguard_scan_findings')).toContain('{rule="VHG101",status="fail"} 1');
    expect(await metric('vhostguard_report_writes_total')).toEqual(['{result="created"} 2']);
    server.remove({ kind: 'VirtualMachine', namespace: 'nfv', name: 'trex' });
    await vi.waitFor(async () => expect(await metric('vhostguard_report_writes_total')).toContain('{result="deleted"} 1'), 10_000);
    expect(await metric('vhostguard_scan_findings')).toContain('{rule="VHG101",status="fail"} 0');
    expect(await metric('vhostguard_scan_subjects')).toContain('{kind="VirtualMachine",in_scope="true"} 0');
  });
});

describe('APIs of reports', () => {
  test('with neither installed the log tells, and reports are written as soon as one is', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')], []);
    const { whenScanned, log } = await scan(server);
    await whenScanned;
    expect(writesIn(server).filter((write) => !write.endsWith('events'))).toEqual([]);
    expect(log).toContainEqual(expect.stringMatching(/^warn: no policy reports are written: reports of openreports\.io are not installed/));
    expect(log).toContainEqual(expect.stringMatching(/^VirtualMachine nfv\/trex: fail VHG101 /));
    server.register(OPEN_REPORTS);
    await vi.waitFor(() => expect(server.list('Report')).toHaveLength(2), 10_000);
  });

  test('the one that the settings ask for is missing: the log and a metric say so, and the other is left alone', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')]);
    const { whenScanned, log, metric } = await scan(server, { settings: { reports: { api: 'wgpolicyk8s', events: true } } });
    await whenScanned;
    expect(log).toContainEqual(
      expect.stringMatching(/^warn: no policy reports are written: policyreports of wgpolicyk8s\.io are not installed; this log /),
    );
    expect(await metric('vhostguard_report_api_available')).toEqual(['0']);
    expect(server.list('Report')).toEqual([]);
    server.register(POLICY_REPORTS);
    await vi.waitFor(() => expect(server.list('PolicyReport')).toHaveLength(2), 10_000);
    expect(await metric('vhostguard_report_api_available')).toEqual(['1']);
  });

  test('wgpolicyk8s is written where the settings ask for it', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('trex')], [OPEN_REPORTS, POLICY_REPORTS]);
    const { whenScanned } = await scan(server, { settings: { reports: { api: 'wgpolicyk8s', events: true } } });
    await whenScanned;
    expect(server.list('Report')).toEqual([]);
    expect(subjectsOf(server.list('PolicyReport'))).toContain('VirtualMachine trex');
  });
});
