import { expect, test } from 'vitest';
import { brokenMachine, launcherPod, machine, NAMESPACE, network, plainMachine, pool, replicaSet } from './objects.ts';
import { eventually, ok, type Stage } from './stage.ts';

const LABEL = 'network.operator.openshift.io/external-openvswitch';
const ON_DPDK_NODES = { nodeSelector: { [LABEL]: '' } };
const REPAIRED = { spec: { template: { spec: ON_DPDK_NODES } } };

/** What admission makes of what users write with kubectl. */
export function admissionScenarios(on: () => Stage): void {
  test('a VM that cannot work is denied, with every cause', async () => {
    const { ok: isOk, stderr } = await on().apply(brokenMachine('broken'));
    expect(isOk).toBe(false);
    expect(stderr).toContain('VHG101');
    expect(stderr).toContain('VHG120');
    expect(stderr).toContain('spec.template.spec.domain.memory');
    expect(await on().read('virtualmachine', 'broken')).toBeUndefined();
  });

  test('a VM that lacks a node selector gets it, and its user is told', async () => {
    const { stderr } = ok(await on().apply(machine('repaired')));
    expect(stderr).toContain('VHG110 repaired');
    expect(await on().read('virtualmachine', 'repaired')).toMatchObject(REPAIRED);
  });

  test('applying the same VM again changes nothing, and a diff is empty', async () => {
    const before = await on().read('virtualmachine', 'repaired');
    ok(await on().apply(machine('repaired')));
    expect((await on().read('virtualmachine', 'repaired'))?.['spec']).toEqual(before?.['spec']);
    expect(ok(await on().kubectl(['diff', '-f', '-'], machine('repaired'))).stdout).toBe('');
  });

  test('a diff shows what admission would add, tells what it would deny, and keeps nothing', async () => {
    const { ok: isSame, stdout } = await on().kubectl(['diff', '-f', '-'], machine('differing'));
    expect(isSame).toBe(false);
    expect(stdout).toMatch(new RegExp(`^\\+ +${LABEL}:`, 'm'));
    expect((await on().kubectl(['diff', '-f', '-'], brokenMachine('differing'))).stderr).toContain('VHG101');
    expect(await on().read('virtualmachine', 'differing')).toBeUndefined();
  });

  test('a dry run on the server tells the same and keeps nothing', async () => {
    expect((await on().apply(brokenMachine('dry'), '--dry-run=server')).ok).toBe(false);
    ok(await on().apply(machine('dry'), '--dry-run=server'));
    expect(await on().read('virtualmachine', 'dry')).toBeUndefined();
  });

  test('server-side apply is judged and repaired too, and applying again is no conflict', async () => {
    expect((await on().apply(brokenMachine('applied'), '--server-side')).stderr).toContain('VHG101');
    ok(await on().apply(machine('applied'), '--server-side'));
    expect(await on().read('virtualmachine', 'applied')).toMatchObject(REPAIRED);
    ok(await on().apply(machine('applied'), '--server-side'));
    expect(await on().read('virtualmachine', 'applied')).toMatchObject(REPAIRED);
  });

  test('a patch is judged by what it makes of the VM', async () => {
    const hugepages = '/spec/template/spec/domain/memory/hugepages';
    const breaking = await on().patch('virtualmachine/repaired', 'json', [{ op: 'remove', path: hugepages }]);
    expect([breaking.ok, breaking.stderr]).toEqual([false, expect.stringContaining('VHG101')]);
    const selector = '/spec/template/spec/nodeSelector';
    expect(ok(await on().patch('virtualmachine/repaired', 'json', [{ op: 'remove', path: selector }])).stderr).toContain('VHG110 repaired');
    expect(await on().read('virtualmachine', 'repaired')).toMatchObject(REPAIRED);
  });

  test.for([
    ['virtualmachineinstancereplicaset', replicaSet, REPAIRED],
    ['virtualmachinepool', pool, { spec: { virtualMachineTemplate: REPAIRED } }],
  ] as const)('a %s is judged and repaired by its template, and can be scaled', async ([kind, manifest, repaired]) => {
    const denied = await on().apply(manifest('many', brokenMachine('many')));
    expect([denied.ok, denied.stderr]).toEqual([false, expect.stringContaining('VHG101')]);
    ok(await on().apply(manifest('many', machine('many'))));
    expect(await on().read(kind, 'many')).toMatchObject(repaired);
    ok(await on().kubectl(['scale', '-n', NAMESPACE, kind, 'many', '--replicas=3']));
    expect(await on().read(kind, 'many')).toMatchObject({ spec: { replicas: 3, ...repaired.spec } });
  });

  test('a NIC of which the API server dropped the member that no release of KubeVirt has is denied for what is left', async () => {
    const { ok: isOk, stderr } = await on().apply(machine('fork', { interfaces: [{ name: 'data', vhostuser: {} }] }));
    expect([isOk, stderr]).toEqual([false, expect.stringMatching(/VHG108: interface "data" is .* but has no binding/)]);
  });

  test('a network that no VM can use is denied', async () => {
    const { ok: isOk, stderr } = await on().apply(
      network('server', { host: { engine: 'ovs-dpdk', iftype: 'vhostuser', netType: 'bridge', vhost: { mode: 'server' } } }),
    );
    expect([isOk, stderr]).toEqual([false, expect.stringContaining('VHG203')]);
  });

  test('a launcher pod gets the socket volume, its mount and the group', async () => {
    ok(await on().kubectl(['create', '--validate=false', '-f', '-'], launcherPod('virt-launcher-e2e')));
    const pod = await on().read('pod', 'virt-launcher-e2e');
    expect(pod).toMatchObject({
      spec: { ...ON_DPDK_NODES, securityContext: { supplementalGroups: expect.arrayContaining([801]) } },
    });
    expect(JSON.stringify(pod?.['spec']?.['volumes'])).toContain('"shared-dir"');
  });

  test('a VM from before keeps its faults: its labels, status and finalizers can be written', async () => {
    ok(await on().kubectl(['label', '-n', NAMESPACE, 'virtualmachine', 'from-before', 'touched=yes']));
    ok(await on().patch('virtualmachine/from-before', 'merge', { status: { ready: false } }, '--subresource=status'));
    ok(await on().patch('virtualmachine/from-before', 'merge', { metadata: { finalizers: null } }));
    const kept = await on().read('virtualmachine', 'from-before');
    expect(kept).toMatchObject({ metadata: { labels: { touched: 'yes' } }, status: { ready: false } });
    expect(kept?.['metadata']).not.toHaveProperty('finalizers');
  });

  test('a VM from before that is being deleted goes with its finalizer', async () => {
    ok(await on().kubectl(['delete', '-n', NAMESPACE, 'virtualmachine', 'held', '--wait=false']));
    expect(await on().read('virtualmachine', 'held')).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    ok(await on().patch('virtualmachine/held', 'merge', { metadata: { finalizers: null } }));
    expect(await on().read('virtualmachine', 'held')).toBeUndefined();
  });

  test('a VM from before does not get worse', async () => {
    const worse = { spec: { template: { spec: { domain: { cpu: { dedicatedCpuPlacement: false } } } } } };
    const { ok: isOk, stderr } = await on().patch('virtualmachine/from-before', 'merge', worse);
    expect([isOk, stderr]).toEqual([false, expect.stringContaining('VHG104')]);
  });

  test('a VM without a vhost-user NIC is never touched', async () => {
    const { stderr } = ok(await on().apply(plainMachine('plain')));
    expect(stderr).not.toContain('VHG');
    expect((await on().read('virtualmachine', 'plain'))?.['spec']).toEqual(plainMachine('plain')['spec']);
  });

  test('a network that appears counts at once', async () => {
    const onNew = machine('on-new', { networks: [{ name: 'data', multus: { networkName: 'brand-new' } }] });
    expect((await on().apply(onNew)).stderr).toContain('VHG120');
    ok(await on().apply(network('brand-new')));
    await eventually(async () => ok(await on().apply(onNew)));
  });
}
