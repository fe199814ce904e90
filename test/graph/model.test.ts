import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { DRAWINGS } from '../../src/graph/drawings.ts';
import { type Graph, type GraphEdge, marksOf } from '../../src/graph/graph.ts';
import { createGraph } from '../../src/graph/model.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { RULES } from '../../src/rules/index.ts';
import { chainsOf, graphOf, nodeNamed } from '../support/drawn.ts';
import { readFixture, TODAY } from '../support/fixture.ts';
import { CONTEXT, goodVmi, vmiWithoutHugepages } from '../support/vmi.ts';
import { anyObjects, bentObjects } from '../support/wild-objects.ts';

const EXAMPLES = readdirSync('deploy/examples').flatMap((file) =>
  readFixture(`deploy/examples/${file}`).manifests.map(({ object }) => object),
);

/** A network of `nfv` with members of its `host` and `container` replaced. */
function network(name: string, host: JsonObject, container?: JsonObject): JsonObject {
  const config = {
    cniVersion: '0.3.1',
    type: 'userspace',
    kubeconfig: '/etc/kubeconfig',
    host: { engine: 'ovs-dpdk', iftype: 'vhostuser', netType: 'bridge', bridge: { bridgeName: 'br-a' }, ...host },
    ...(container && { container }),
  };
  return {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name, namespace: 'nfv' },
    spec: { config: JSON.stringify(config) },
  };
}

function vmiOn(networkName: string, name = 'vm'): JsonObject {
  return goodVmi({ networks: [{ name: 'dpdk', multus: { networkName } }] }, { name });
}

function edgeBetween({ edges }: Graph, from: string, to: string): GraphEdge | undefined {
  return edges.find((edge) => edge.from === from && edge.to === to);
}

function rulesAt(graph: Graph, name: string): string[] {
  return nodeNamed(graph, name).marks.map(({ rule, level }) => `${level} ${rule}`);
}

describe('the picture', () => {
  test('leads from each VM and launcher pod of the examples to the node label', () => {
    const label = 'network.operator.openshift.io/external-openvswitch';
    expect(chainsOf(graphOf(EXAMPLES)).map((chain) => chain.map(({ name }) => name))).toEqual([
      ['trex', 'dpdk0', 'userspace-ovs-net-1', 'br-dpdk0', label],
      ['trex-typed', 'dpdk0', 'userspace-ovs-net-1', 'br-dpdk0', label],
      ['virt-launcher-trex-typed-9qv4d', 'pod8a685b6ca34', 'userspace-ovs-net-1', 'br-dpdk0', label],
      ['virt-launcher-trex-x7k2p', 'pod8a685b6ca34', 'userspace-ovs-net-1', 'br-dpdk0', label],
      ['userspace-ovs-net-1', 'br-dpdk0'],
      ['userspace-ovs-net-1', 'br-dpdk0'],
    ]);
  });

  test('says what the VMs are made of, also from their instancetype, and where pods keep their sockets', () => {
    const graph = graphOf(EXAMPLES);
    const machine = ['namespace nfv', '8 CPUs, dedicated, q35', '8Gi memory, pages of 1Gi'];
    expect(nodeNamed(graph, 'trex').details).toEqual(machine);
    expect(nodeNamed(graph, 'trex-typed').details).toEqual(machine);
    expect(nodeNamed(graph, 'virt-launcher-trex-x7k2p').details).toEqual([
      'namespace nfv',
      'emptyDir for sockets',
      'at /var/lib/cni/usrspcni/',
    ]);
    expect(nodeNamed(graph, 'virt-launcher-trex-typed-9qv4d').details[1]).toBe('hostPath /var/run/usrspcni');
  });

  test('has a network that several VMs share once, with the nodes that have the label', () => {
    const graph = graphOf([...CONTEXT, vmiOn('ovs-net', 'a'), vmiOn('ovs-net', 'b')]);
    expect(graph.nodes.filter(({ column }) => column === 'network').map(({ name }) => name)).toEqual(['ovs-net']);
    expect(graph.nodes.filter(({ column }) => column === 'placement').map(({ details }) => details)).toEqual([['worker']]);
  });

  test('does not depend on the order of the objects', () => {
    const objects = [...EXAMPLES, vmiWithoutHugepages(), ...CONTEXT];
    expect(graphOf(objects.toReversed())).toEqual(graphOf(objects));
  });

  test('leaves out what has no vhost-user NIC', () => {
    const plain = goodVmi({ domain: { devices: { interfaces: [{ name: 'default', masquerade: {} }] } }, networks: [] });
    expect(graphOf([plain, ...CONTEXT.slice(1)]).nodes).toEqual([]);
  });

  test('shows a network that is not among the objects as unknown', () => {
    const graph = graphOf([goodVmi()]);
    expect(chainsOf(graph)[0]?.map(({ condition }) => condition)).toEqual(['sound', 'sound', 'unknown', 'unknown', 'sound']);
    expect(graph.edges.map(({ condition }) => condition)).toEqual(['unknown', 'sound', 'unknown', 'sound']);
  });

  test('shows a network that does not exist as broken', () => {
    const inventory = new MemoryInventory({ isComplete: true, description: 'the cluster', defaultNamespace: 'default' });
    const engine = createEngine({ rules: RULES, inventory, settings: DEFAULT_SETTINGS, today: TODAY });
    const subject = subjectOf(goodVmi(), 'default');
    const judged = { subject, findings: engine.judge(subject).findings, locate: () => ({ file: 'a.yaml', line: 1 }) };
    const graph = createGraph([judged], engine.context);
    expect(nodeNamed(graph, 'ovs-net')).toMatchObject({ condition: 'broken', details: ['namespace nfv', 'does not exist'] });
    expect(nodeNamed(graph, 'dpdk').marks.map(({ rule }) => rule)).toContain('VHG120');
  });

  test('shows a VM without the node label on any node, and one whose instancetype is missing on an unknown one', () => {
    const free = goodVmi({ nodeSelector: {} }, { name: 'free' });
    const typed = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'typed', namespace: 'nfv' },
      spec: { instancetype: { name: 'elsewhere' }, template: { spec: { ...(goodVmi()['spec'] as object), nodeSelector: undefined } } },
    };
    const graph = graphOf([...CONTEXT, free, typed]);
    expect(chainsOf(graph).map((chain) => [chain[0]?.name, chain[4]?.name])).toEqual([
      ['free', 'any node'],
      ['typed', 'not known'],
      ['ovs-net', undefined],
    ]);
  });

  test('shows a NIC on no network, and one on a network of another type, as broken', () => {
    const other = {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: 'bridge-net', namespace: 'nfv' },
      spec: { config: '{"cniVersion":"0.3.1","type":"bridge"}' },
    };
    const onPodNetwork = goodVmi({ networks: [{ name: 'dpdk', pod: {} }] }, { name: 'a' });
    const graph = graphOf([onPodNetwork, vmiOn('bridge-net', 'b'), other]);
    expect(chainsOf(graph).map((chain) => chain.slice(2, 4).map(({ name }) => name))).toEqual([
      ['pod network', 'no OVS bridge'],
      ['bridge-net', 'no OVS bridge'],
    ]);
    expect(graph.edges.filter(({ note }) => note !== '').map(({ condition }) => condition)).toEqual(Array(4).fill('broken'));
  });

  test('shows no socket of a NIC that another binding connects', () => {
    const interfaces = [{ name: 'dpdk', bridge: {} }];
    const domain = { ...(goodVmi()['spec'] as { domain: JsonObject }).domain, devices: { interfaces } };
    const graph = graphOf([...CONTEXT, goodVmi({ domain })]);
    expect(edgeBetween(graph, nodeNamed(graph, 'dpdk').id, nodeNamed(graph, 'ovs-net').id)).toMatchObject({
      condition: 'broken',
      end: { text: 'no socket', at: 'from' },
    });
  });
});

describe('the wire', () => {
  test.for<[JsonObject, JsonObject | undefined, string | undefined, string, string]>([
    [{ vhost: { mode: 'client' } }, undefined, 'QEMU server', 'OVS client', 'sound'],
    [{ vhost: { mode: 'client' } }, { vhost: { mode: '' } }, 'QEMU server', 'OVS client', 'sound'],
    [{ vhost: { mode: 'client' } }, { vhost: { mode: 'server' } }, 'QEMU server', 'OVS client', 'sound'],
    [{ VHOST: { Mode: 'client' } }, { vhost: { mode: 'server' } }, 'QEMU server', 'OVS client', 'sound'],
    [{ vhost: { mode: 'client' } }, { vhost: { mode: 'client' } }, 'QEMU client', 'OVS client', 'broken'],
    [{ vhost: { mode: 'server' } }, { vhost: { mode: 'server' } }, 'QEMU server', 'OVS server', 'broken'],
    [{ vhost: { mode: 'server' } }, { vhost: { mode: 'client' } }, 'QEMU client', 'OVS server', 'doubtful'],
    [{ vhost: { mode: 'Client' } }, undefined, 'QEMU client', 'OVS server', 'doubtful'],
    [{}, undefined, 'QEMU client', 'OVS server', 'doubtful'],
    [{ vhost: { mode: 'client' } }, { vhost: { mode: 'peer' } }, undefined, 'OVS client', 'broken'],
    [{ vhost: { mode: 'client' } }, { vhost: { mode: ['server'] } }, undefined, 'OVS client', 'broken'],
  ])('of host %j and container %j has %s and %s on it and is %s', ([host, container, qemu, ovs, condition]) => {
    const graph = graphOf([network('net', host, container), vmiOn('net')]);
    const [, nic, net, bridge] = graph.chains.find((chain) => chain.length === 5) ?? [];
    const qemuSide = edgeBetween(graph, nic ?? '', net ?? '');
    const ovsSide = edgeBetween(graph, net ?? '', bridge ?? '');
    expect([qemuSide?.end?.text, ovsSide?.end?.text]).toEqual([qemu, ovs]);
    expect([qemuSide?.condition, ovsSide?.condition]).toEqual([condition, condition]);
  });
});

describe('findings', () => {
  test('are painted on the thing that they are about', () => {
    const interfaces = [{ name: 'dpdk', model: 'e1000', binding: { name: 'vhostuser' } }];
    const domain = { ...(vmiWithoutHugepages()['spec'] as { domain: JsonObject }).domain, devices: { interfaces } };
    const graph = graphOf([
      ...CONTEXT,
      goodVmi({ domain, nodeSelector: {}, networks: [{ name: 'dpdk', multus: { networkName: 'odd' } }] }),
      network('odd', { bridge: {}, vhost: { mode: 'server', group: 'hugetlbfs' } }),
    ]);
    expect(rulesAt(graph, 'vm')).toEqual(expect.arrayContaining(['error VHG101', 'repaired VHG110']));
    expect(rulesAt(graph, 'dpdk')).toEqual(['error VHG107']);
    expect(rulesAt(graph, 'odd')).toEqual(['error VHG203']);
    expect(nodeNamed(graph, 'br0').marks.map(({ rule }) => rule)).toContain('VHG204');
  });

  test('count as the settings and exemptions have it', () => {
    const warned = graphOf([...CONTEXT, vmiWithoutHugepages()], { ...DEFAULT_SETTINGS, enforcement: 'warn' });
    expect(rulesAt(warned, 'vm')).toEqual(['warning VHG101']);
    const exempt = vmiWithoutHugepages({ annotations: { 'vhostguard.dev/exempt': 'VHG101=lab' } });
    const [mark] = nodeNamed(graphOf([...CONTEXT, exempt]), 'vm').marks;
    expect(mark).toMatchObject({ level: 'skipped', message: expect.stringMatching(/ \(exempt: lab\)$/) });
  });

  const fixtures = readdirSync('test/rules').filter((file) => file.endsWith('.yaml') && !isOfHosts(file));

  test.for(fixtures)('of %s are all in the picture, each once', (file) => {
    const objects = readFixture(`test/rules/${file}`).manifests.map(({ object }) => object);
    const inventory = new MemoryInventory({ isComplete: false, description: 'the files given', defaultNamespace: 'default' });
    for (const object of objects) inventory.add(object);
    const engine = createEngine({ rules: RULES, inventory, settings: DEFAULT_SETTINGS, today: TODAY });
    const judged = objects.map((object) => {
      const subject = subjectOf(object, 'default');
      return { subject, findings: engine.judge(subject).findings, locate: () => ({ file, line: 1 }) };
    });
    const painted = marksOf(createGraph(judged, engine.context)).map(({ mark }) => `${mark.object} ${mark.rule} ${mark.field}`);
    expect(painted.length).toBeGreaterThan(0);
    expect(painted.length).toBe(judged.reduce((sum, { findings }) => sum + findings.length, 0));
  });
});

test('any object can be drawn in every format', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(bentObjects, anyObjects), { maxLength: 4 }), (objects) => {
      const graph = graphOf(objects.filter(isObject));
      for (const draw of Object.values(DRAWINGS)) expect(draw(graph)).toMatch(/\n$/);
    }),
    { numRuns: 200 },
  );
});

/** Hosts are judged and not drawn. */
function isOfHosts(file: string): boolean {
  return file.startsWith('VHG5');
}
