import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../src/core/settings.ts';
import { subjectOf } from '../src/core/subject.ts';
import { createEngine } from '../src/engine/engine.ts';
import type { Finding } from '../src/engine/finding.ts';
import { MemoryInventory } from '../src/kube/memory-inventory.ts';
import { readManifests } from '../src/manifest/read.ts';
import { RULES } from '../src/rules/index.ts';
import { readFixture, TODAY } from './support/fixture.ts';

const EXAMPLES = new URL('../deploy/examples/', import.meta.url);

function example(file: string): string {
  return readFixture(new URL(file, EXAMPLES).pathname).text;
}

/** What the rules say of the first object of `text` in a cluster that holds `others` and nothing else. */
function judgeInCluster(text: string, others: readonly string[], settings: Settings = DEFAULT_SETTINGS): readonly Finding[] {
  const inventory = new MemoryInventory({ isComplete: true, description: 'the cluster', defaultNamespace: 'default' });
  for (const { object } of others.flatMap((other) => readManifests(other, 'cluster.yaml').manifests)) inventory.add(object);
  const [manifest] = readManifests(text, 'object.yaml').manifests;
  if (manifest === undefined) throw new Error('the text holds no object');
  return createEngine({ rules: RULES, inventory, settings, today: TODAY }).evaluate(subjectOf(manifest.object, 'default')).findings;
}

function summaryOf(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, status, message }) => `${rule} ${status}: ${message}`);
}

const MACHINE = example('virtual-machine.yaml');
const NETWORK = example('network.yaml');
const POD = example('virt-launcher-pod.yaml');
const [KUBEVIRT = '', NODE = '', NAMESPACE = ''] = example('cluster.yaml').split('---\n');

describe('in a cluster, where what is not there does not exist', () => {
  test('the examples are good', () => {
    expect(judgeInCluster(MACHINE, [NETWORK, KUBEVIRT, NODE])).toEqual([]);
    expect(judgeInCluster(POD, [NETWORK, NAMESPACE])).toEqual([]);
  });

  test('a missing network is an error', () => {
    expect(summaryOf(judgeInCluster(MACHINE, [KUBEVIRT, NODE]))).toEqual([
      'VHG120 fail: interface "dpdk0" has no network to attach to: NetworkAttachmentDefinition "nfv/userspace-ovs-net-1" does not exist in the cluster; create it or name another',
    ]);
  });

  test('without a KubeVirt object no binding plugin is registered', () => {
    expect(summaryOf(judgeInCluster(MACHINE, [NETWORK, NODE]))).toEqual([
      'VHG122 fail: interface "dpdk0" uses the binding plugin "vhostuser", which is not registered: register it in spec.configuration.network.binding of the KubeVirt object',
    ]);
  });

  test.for([
    ['there is none', ''],
    ['none has the label', NODE.replace('external-openvswitch: ""', 'external-openvswitch: "true"')],
    ['the one with the label is cordoned', NODE.replace('status:', 'spec:\n  unschedulable: true\nstatus:')],
  ])('no node fits when %s', ([, nodes = '']) => {
    expect(summaryOf(judgeInCluster(MACHINE, [NETWORK, KUBEVIRT, nodes]))).toEqual([
      'VHG123 warn: no schedulable node has the label "network.operator.openshift.io/external-openvswitch": "": label the nodes that run OVS-DPDK',
    ]);
  });

  test("a nodeSelector that no labelled node meets is the VM's mistake", () => {
    const machine = MACHINE.replace('      nodeSelector:\n', '      nodeSelector:\n        rack: b\n');
    expect(summaryOf(judgeInCluster(machine, [NETWORK, KUBEVIRT, NODE]))).toEqual([
      "VHG123 warn: no schedulable OVS-DPDK node has all labels of the VM's nodeSelector: relax it, or label a node",
    ]);
  });

  test('the fit table shows the best nodes first and at most five', () => {
    const nodes = [1, 7, 3, 2, 6, 5, 4].map((gi) => NODE.replace('worker-dpdk-0', `worker-${gi}`).replace('64Gi', `${gi}Gi`));
    expect(summaryOf(judgeInCluster(MACHINE, [NETWORK, KUBEVIRT, ...nodes]))).toEqual([
      `VHG123 warn: no OVS-DPDK node is large enough for this VM, so lower its memory or CPUs: ${[7, 6, 5, 4, 3]
        .map((gi) => `worker-${gi}: ${gi}Gi of 8Gi hugepages-1Gi, 40 of 8 CPUs`)
        .join('; ')}; and 2 more`,
    ]);
  });

  test('a namespace that does not exist enforces no pod security', () => {
    expect(judgeInCluster(example('virt-launcher-pod-hostpath.yaml'), [NETWORK])).toEqual([]);
  });
});

describe('an OVS that cannot connect to the socket', () => {
  const network = NETWORK.replace(', "group": "hugetlbfs"', '');

  test.for([
    ['unknown', ['VHG306 warn']],
    ['unprivileged', ['VHG306 fail']],
    ['root', []],
  ] as const)('with runsAs %s gives %j', ([runsAs, expected]) => {
    const findings = judgeInCluster(POD, [network, NAMESPACE], { ...DEFAULT_SETTINGS, ovs: { runsAs } });
    expect(findings.map(({ rule, status }) => `${rule} ${status}`)).toEqual(expected);
  });
});

describe('a configuration that is no JSON', () => {
  test('is shown with the place of its first mistake', () => {
    const [finding] = judgeInCluster(NETWORK.replace('"type": "userspace",', '"type": "userspace"'), []);
    expect(finding?.message).toBe('the config must be JSON: comma expected at line 4, column 3 of it');
    expect(finding?.offset).toBe('{\n  "cniVersion": "0.3.1",\n  "type": "userspace"\n  '.length);
  });
});
