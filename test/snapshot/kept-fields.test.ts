import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RESOURCES } from '../../src/cluster/resources.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { readKubeVirt } from '../../src/kube/kubevirt.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { type Network, readNetwork } from '../../src/kube/network.ts';
import { RULES } from '../../src/rules/index.ts';
import { keepReadFields } from '../../src/snapshot/kept-fields.ts';
import { readFixture, TODAY } from '../support/fixture.ts';
import { bent } from '../support/wild-objects.ts';

const EXAMPLES = 'deploy/examples';
const FIXTURES = 'test/rules';

function objectsIn(file: string): JsonObject[] {
  return readFixture(file).manifests.map(({ object }) => object);
}

/** What all rules say of objects, and what is done to them, in a cluster that holds these. */
function judgeIn(context: readonly JsonObject[], objects: readonly JsonObject[]) {
  const inventory = new MemoryInventory({ isComplete: true, description: 'the cluster', defaultNamespace: 'default' });
  for (const object of context) inventory.add(object);
  const engine = createEngine({ rules: RULES, inventory, settings: DEFAULT_SETTINGS, today: TODAY });
  return objects.map((object) => {
    const subject = subjectOf(object, 'default');
    return { ...engine.judgeAsWritten(subject), patch: engine.judge(subject).patch };
  });
}

function keptOf(objects: readonly JsonObject[]): JsonObject[] {
  return objects.map(keepReadFields).filter((object) => object !== undefined);
}

const examples = readdirSync(EXAMPLES).flatMap((name) => objectsIn(`${EXAMPLES}/${name}`));

describe('rules say the same of what a snapshot keeps', () => {
  test.for(readdirSync(FIXTURES))('%s', (name) => {
    const objects = objectsIn(`${FIXTURES}/${name}`);
    expect(judgeIn(keptOf(objects), objects)).toEqual(judgeIn(objects, objects));
  });

  test('of a cluster in which anything may be bent', () => {
    const looked = examples.filter(({ kind }) => RESOURCES.some((resource) => resource.kind === kind));
    expect(looked).toHaveLength(7);
    fc.assert(
      fc.property(fc.array(bent(looked), { minLength: 1, maxLength: 3 }), (objects) => {
        const sent = JSON.parse(JSON.stringify([...looked, ...objects])) as JsonObject[];
        expect(judgeIn(keptOf(sent), examples)).toEqual(judgeIn(sent, examples));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what rules look up is read from what a snapshot keeps as it is from the whole', () => {
  function keptOfOne(object: JsonObject): JsonObject {
    const [kept] = keptOf([object]);
    if (kept === undefined) throw new Error('nothing is kept');
    return kept;
  }

  test('a KubeVirt object with everything', () => {
    const kubeVirt = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'KubeVirt',
      metadata: { name: 'kubevirt', annotations: { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '', other: 'x' } },
      spec: {
        configuration: {
          developerConfiguration: { featureGates: ['AlignCPUs'] },
          evictionStrategy: 'LiveMigrate',
          network: {
            binding: { v: { sidecarImage: 'vhostuser', domainAttachmentType: 'tap', migration: { method: 'link-refresh' } }, w: {} },
          },
        },
      },
    };
    const read = readKubeVirt(kubeVirt);
    expect(read).toMatchObject({ completesToEvenCpus: true, evictionStrategy: 'LiveMigrate' });
    expect(readKubeVirt(keptOfOne(kubeVirt))).toEqual(read);
  });

  test('copies of an instancetype and of a preference', () => {
    const revision = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'a', namespace: 'b' } };
    for (const spec of [
      { cpu: { guest: 2 } },
      { machine: { preferredMachineType: 'q35' }, devices: { preferredInterfaceModel: 'virtio' } },
    ])
      expect(keptOfOne({ ...revision, data: { kind: 'any', spec } })).toEqual({ ...revision, data: { spec } });
  });

  const HALVES = '"Host": {"iftype": "vhostuser", "vhost": {"mode": "client"}}, "container": {"vhost": {"mode": "server"}}';

  test.for([
    `{"type": "userspace", ${HALVES}, "ipam": {}}`,
    `{"TYPE": "x", "Type": "userspace", ${HALVES}, "host": {"iftype": "memif"}}`,
    `{"plugins": [{"type": "tuning"}, {"type": "userspace", ${HALVES}}, {"type": "userspace"}]}`,
    `{"plugins": [1, null, "x", {"type": 5}]}`,
    `{"plugins": {"type": "userspace"}}`,
    `{"type": "macvlan", ${HALVES}}`,
    '{"type": "userspace", "host": 5}',
    '{"type": "userspace"',
    '["userspace"]',
    '"userspace"',
    ' ',
  ])('a network with %s', (config) => {
    const network = { apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition', metadata: { name: 'a' }, spec: { config } };
    const whole = readNetwork(subjectOf(network, 'default'));
    const kept = readNetwork(subjectOf(keptOfOne(network), 'default'));
    const answersOf = ({ userspace, isVhostUser, config: { state } }: Network) => {
      return {
        isOurs: userspace !== undefined,
        isVhostUser,
        state,
        host: userspace?.getFold('host').value,
        container: userspace?.getFold('container').value,
      };
    };
    expect(answersOf(kept)).toEqual(answersOf(whole));
  });
});

describe('what is kept', () => {
  test('every kind that a cluster is asked for', () => {
    for (const { kind } of RESOURCES) expect(keepReadFields({ apiVersion: 'v1', kind, metadata: { name: 'a' } })).toMatchObject({ kind });
  });

  test('no other kind, and none that only sounds like one', () => {
    for (const kind of ['Secret', 'VirtualMachine', 'Pod', 'toString', '__proto__', undefined])
      expect(keepReadFields({ apiVersion: 'v1', kind, metadata: { name: 'a' } })).toBeUndefined();
  });

  const SECRET = 'hunter2';
  const METADATA = {
    name: 'a',
    namespace: 'b',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': SECRET, password: SECRET },
    labels: { password: SECRET },
    managedFields: [{ manager: SECRET }],
    ownerReferences: [{ name: SECRET }],
    finalizers: [SECRET],
  };
  const CLOUD_INIT = [{ name: 'init', cloudInitNoCloud: { userData: `#cloud-config\npassword: ${SECRET}` } }];

  test.for<[string, JsonObject]>([
    [
      'NetworkAttachmentDefinition',
      { spec: { config: `{"type": "userspace", "ipam": {"type": "whereabouts", "etcd_password": "${SECRET}"}}` } },
    ],
    ['NetworkAttachmentDefinition', { spec: { config: `{"type": "macvlan", "Ipam": {"password": "${SECRET}"}, "host": "${SECRET}"}` } }],
    [
      'NetworkAttachmentDefinition',
      { spec: { config: `{"plugins": [{"type": "x", "k": "${SECRET}"}, "${SECRET}"], "args": "${SECRET}"}` } },
    ],
    ['NetworkAttachmentDefinition', { spec: { config: `{"type": "userspace", "password": "${SECRET}"` } }],
    ['NetworkAttachmentDefinition', { spec: { config: { password: SECRET } } }],
    ['KubeVirt', { spec: { imagePullSecrets: [SECRET], configuration: { network: { binding: { v: { extra: SECRET } } }, x: SECRET } } }],
    [
      'VirtualMachineInstancetype',
      { spec: { annotations: { token: SECRET }, launchSecurity: { sev: { session: SECRET, dhCert: SECRET } } } },
    ],
    ['VirtualMachineClusterPreference', { spec: { annotations: { token: SECRET }, volumes: CLOUD_INIT } }],
    ['ControllerRevision', { data: { metadata: METADATA, spec: { template: { spec: { volumes: CLOUD_INIT } }, volumes: CLOUD_INIT } } }],
    ['Namespace', { spec: { note: SECRET } }],
  ])('no secret of a %s', ([kind, rest]) => {
    const kept = keepReadFields({ apiVersion: 'v1', kind, metadata: METADATA, ...rest, status: { secret: SECRET } });
    expect(kept).toMatchObject({ kind, metadata: { name: 'a' } });
    expect(JSON.stringify(kept)).not.toContain(SECRET);
  });

  test('of a Node its name, all labels, whether pods may be scheduled, what it has, and what its host agent says', () => {
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { ...METADATA, labels: { zone: 'a' } },
      spec: { unschedulable: true, providerID: SECRET },
      status: { allocatable: { cpu: '8' }, addresses: [{ address: SECRET }] },
    };
    const kept = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'a', labels: { zone: 'a' } },
      spec: { unschedulable: true },
      status: { allocatable: { cpu: '8' } },
    };
    expect(keepReadFields(node)).toEqual(kept);
    const agent = { type: 'VhostUserReady', status: 'False', reason: 'RequireDpdk' };
    const conditions = [
      { type: 'Ready', message: SECRET },
      { ...agent, message: SECRET, lastHeartbeatTime: '2026-11-22T12:00:00Z' },
    ];
    const annotations = { ...METADATA.annotations, 'vhostguard.dev/host': '{}' };
    expect(keepReadFields({ ...node, metadata: { ...node.metadata, annotations }, status: { ...node.status, conditions } })).toEqual({
      ...kept,
      metadata: { ...kept.metadata, annotations: { 'vhostguard.dev/host': '{}' } },
      status: { ...kept.status, conditions: [agent] },
    });
  });
});
