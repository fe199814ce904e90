/** How many objects a cluster has. */
export interface ClusterSize {
  readonly vms: number;
  /** A multiple of 100, so that each VM finds the NAD of its number in its namespace. */
  readonly nads: number;
}

/** The network that a tenth of all VMs is on, all in one namespace. */
const SHARED_NETWORK = { namespace: 'shared', name: 'userspace-ovs-net-1' } as const;

/** Of ten VMs five have no vhost-user NIC, four are as they must be, and one lacks hugepages, dedicated CPUs and its node. */
const KINDS_OF_VM = ['plain', 'plain', 'plain', 'plain', 'plain', 'good', 'good', 'good', 'shared', 'bad'] as const;

const NAMESPACES = 100;

/** A namespace and a name. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export function placeOfVm(index: number): Place {
  return { namespace: kindOfVm(index) === 'shared' ? SHARED_NETWORK.namespace : teamOf(index), name: `vm-${index}` };
}

export function placeOfNad(index: number): Place {
  return index === 0 ? SHARED_NETWORK : { namespace: teamOf(index), name: `net-${index}` };
}

/** How many VMs are on a network. */
export function usersOfNad(index: number, { vms, nads }: ClusterSize): number {
  let users = 0;
  for (let vm = 0; vm < vms; vm += 1) if (nadOfVm(vm, nads) === index) users += 1;
  return users;
}

/** A VirtualMachine as an API server keeps it, about 6 kB, as JSON. */
export function vmText(index: number, nads: number): string {
  const { namespace, name } = placeOfVm(index);
  const network = nadOfVm(index, nads);
  const [first, ...rest] = VM_TEXTS[kindOfVm(index)];
  const values: Readonly<Record<string, string>> = {
    NAME: name,
    NAMESPACE: namespace,
    UID: uidOf('1', index),
    NETWORK: network === undefined ? '' : placeOfNad(network).name,
  };
  return (first ?? '') + rest.map((part) => fill(part, values)).join('');
}

/** A NetworkAttachmentDefinition as an API server keeps it, as JSON. @param iftype `vhostuser` for one that VMs can use. */
export function nadText(index: number, iftype = 'vhostuser'): string {
  const { namespace, name } = placeOfNad(index);
  const config = {
    cniVersion: '0.3.1',
    type: 'userspace',
    name,
    kubeconfig: '/etc/cni/net.d/multus.d/multus.kubeconfig',
    logFile: '/var/log/userspace-ovs-net-1-cni.log',
    logLevel: 'info',
    host: {
      engine: 'ovs-dpdk',
      iftype,
      netType: 'bridge',
      vhost: { mode: 'client', group: 'hugetlbfs' },
      bridge: { bridgeName: 'br-dpdk0' },
    },
    container: { engine: 'ovs-dpdk', iftype, netType: 'interface', vhost: { mode: 'server' } },
  };
  const spec = { config: JSON.stringify(config, undefined, 2) };
  const metadata = metadataOf({ namespace, name }, uidOf('2', index), { 'f:spec': { '.': {}, 'f:config': {} } }, spec);
  return JSON.stringify({ apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition', metadata, spec });
}

/** A node for external OVS, with all that the kubelet tells of one. */
export function nodeText(index: number): string {
  const name = `worker-${index}`;
  const amounts = {
    cpu: '64',
    memory: '256Gi',
    'hugepages-1Gi': '192Gi',
    'hugepages-2Mi': '0',
    pods: '250',
    'devices.kubevirt.io/kvm': '1k',
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: uidOf('3', index),
      resourceVersion: '1',
      labels: {
        'kubernetes.io/hostname': name,
        'kubevirt.io/schedulable': 'true',
        'kubevirt.io/cpumanager': 'true',
        'network.operator.openshift.io/external-openvswitch': '',
        ...Object.fromEntries(Array.from({ length: 60 }, (_, feature) => [`cpu-feature.node.kubevirt.io/feature-${feature}`, 'true'])),
      },
    },
    spec: {},
    status: {
      allocatable: amounts,
      capacity: amounts,
      images: Array.from({ length: 50 }, (_, image) => ({
        names: [`registry.example/images/image-${image}@sha256:${'5'.repeat(64)}`, `registry.example/images/image-${image}:1.2.3`],
        sizeBytes: 123_456_789,
      })),
    },
  });
}

function nadOfVm(index: number, nads: number): number | undefined {
  const kind = kindOfVm(index);
  if (kind === 'plain') return undefined;
  return kind === 'shared' ? 0 : index % nads;
}

function kindOfVm(index: number): (typeof KINDS_OF_VM)[number] {
  return KINDS_OF_VM[index % KINDS_OF_VM.length] ?? 'plain';
}

function teamOf(index: number): string {
  return `team-${index % NAMESPACES}`;
}

function uidOf(kind: string, index: number): string {
  return `${kind.padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

/** What the text of each kind of VM is made of: text, then parts that begin with the word that is to be filled in. */
const VM_TEXTS = {
  plain: partsOf(vmObject('plain')),
  good: partsOf(vmObject('good')),
  shared: partsOf(vmObject('good')),
  bad: partsOf(vmObject('bad')),
};

function partsOf(object: object): string[] {
  return JSON.stringify(object).split('@');
}

function fill(part: string, values: Readonly<Record<string, string>>): string {
  const word = /^[A-Z]+/.exec(part)?.[0] ?? '';
  return (values[word] ?? '') + part.slice(word.length);
}

function vmObject(kind: 'plain' | 'good' | 'bad'): object {
  const nics = [
    { name: 'default', masquerade: {} },
    ...(kind === 'plain' ? [] : [{ name: 'dpdk0', model: 'virtio', binding: { name: 'vhostuser' } }]),
  ];
  const networks = [{ name: 'default', pod: {} }, ...(kind === 'plain' ? [] : [{ name: 'dpdk0', multus: { networkName: '@NETWORK' } }])];
  const isReady = kind === 'good';
  const spec = {
    runStrategy: 'Always',
    template: {
      metadata: { labels: { app: '@NAME', 'kubevirt.io/domain': '@NAME' } },
      spec: {
        evictionStrategy: 'None',
        ...(isReady && { nodeSelector: { 'network.operator.openshift.io/external-openvswitch': '' } }),
        domain: {
          machine: { type: 'q35' },
          cpu: { sockets: 1, cores: 4, threads: 2, ...(isReady && { dedicatedCpuPlacement: true, numa: { guestMappingPassthrough: {} } }) },
          memory: { guest: '8Gi', ...(isReady && { hugepages: { pageSize: '1Gi' } }) },
          devices: {
            disks: ['root', 'cloudinit', 'data'].map((name) => ({ name, disk: { bus: 'virtio' } })),
            interfaces: nics,
            rng: {},
          },
        },
        networks,
        volumes: [
          { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:latest' } },
          { name: 'cloudinit', cloudInitNoCloud: { userData: `#cloud-config\n${'runcmd: [[systemctl, restart, network]]\n'.repeat(15)}` } },
          { name: 'data', persistentVolumeClaim: { claimName: '@NAME-data' } },
        ],
      },
    },
  };
  const fields = { 'f:spec': { '.': {}, 'f:runStrategy': {}, 'f:template': fieldsOf(spec.template) } };
  const condition = { lastProbeTime: null, lastTransitionTime: '2026-09-01T08:00:00Z', status: 'True' };
  const status = {
    conditions: ['Ready', 'LiveMigratable', 'StorageLiveMigratable'].map((type) => ({ ...condition, type, message: 'as it should be' })),
    created: true,
    ready: true,
    desiredGeneration: 2,
    observedGeneration: 2,
    printableStatus: 'Running',
    runStrategy: 'Always',
    volumeSnapshotStatuses: ['root', 'cloudinit', 'data'].map((name) => ({
      enabled: false,
      name,
      reason: `Snapshot is not supported for ${name}`,
    })),
  };
  const metadata = metadataOf({ namespace: '@NAMESPACE', name: '@NAME' }, '@UID', fields, spec);
  return { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata, spec, status };
}

/** The metadata of an object that somebody applied: half of it says who set which field, and what was applied. */
function metadataOf(place: Place, uid: string, fields: object, spec: object): object {
  const manager = { apiVersion: 'v1', fieldsType: 'FieldsV1', operation: 'Update', time: '2026-09-01T08:00:00Z' };
  return {
    ...place,
    uid,
    resourceVersion: '1',
    creationTimestamp: '2026-09-01T08:00:00Z',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ metadata: place, spec }) },
    managedFields: [{ ...manager, manager: 'kubectl-client-side-apply', fieldsV1: fields }],
  };
}

/** The form in which an API server notes who owns which field. */
function fieldsOf(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return { '.': {}, ...Object.fromEntries(Object.entries(value).map(([key, member]) => [`f:${key}`, fieldsOf(member)])) };
}
