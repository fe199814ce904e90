import { stringify } from 'yaml';
import type { Parsed } from './cpu-list.ts';
import { type HostDescription, type NumaNode, PAGE_BYTES } from './description.ts';
import type { HostPlan } from './plan.ts';
import { coresOf } from './pmd-cpus.ts';

const NAMESPACE = 'default';
const NETWORK = 'userspace-ovs-net-1';
const BINDING = 'vhostuser';

/** The example VM is no larger than this, whatever the host has. */
const MOST_CPUS = 8;
const MOST_MEMORY_BYTES = 8 * 1024 ** 3;

/** A network on the planned bridge, the registration of its binding, and a VM on it that fits the planned node. */
export function formatManifests(plan: HostPlan): Parsed<string> {
  const shape = shapeVm(plan);
  if ('problem' in shape) return shape;
  const documents = [
    ['The network: OVS connects (client), QEMU listens (server). The kubeconfig is where Multus writes it.', toNetwork(plan.description)],
    ['The binding plugin: add it to the KubeVirt object that you have. The image is yours to choose.', toKubeVirt()],
    ['A VM that fits the planned node.', toVirtualMachine(plan, shape.value)],
  ] as const;
  const options = { aliasDuplicateObjects: false, lineWidth: 0 };
  return { value: documents.map(([comment, object]) => `# ${comment}\n${stringify(object, options)}`).join('---\n') };
}

interface VmShape {
  readonly memoryMib: number;
  readonly cores: number;
  readonly threads: number;
}

function shapeVm({ description, vmCpus }: HostPlan): Parsed<VmShape> {
  const pageBytes = PAGE_BYTES[description.pageSize];
  const [home] = description.numa.filter(({ vmMemoryBytes }) => vmMemoryBytes > 0).toSorted((a, b) => b.vmMemoryBytes - a.vmMemoryBytes);
  if (home === undefined) return { problem: 'the plan has no memory for a VM: give some, as in --vm-memory 0=16Gi' };
  const cores = wholeCores(description, home, vmCpus);
  const [core] = cores;
  if (core === undefined) return { problem: `NUMA node ${home.id} has memory for VMs and no core left for them` };
  const bytes = Math.min(home.vmMemoryBytes, Math.max(MOST_MEMORY_BYTES, pageBytes));
  const threads = core.length;
  return {
    value: {
      memoryMib: bytes / 1024 ** 2,
      threads,
      cores: evenOut(Math.min(cores.length, Math.max(1, Math.floor(MOST_CPUS / threads))), threads),
    },
  };
}

function wholeCores(description: HostDescription, node: NumaNode, vmCpus: readonly number[]): (readonly number[])[] {
  return coresOf(description, node).filter((core) => core.every((cpu) => vmCpus.includes(cpu)));
}

/** The kubelet gives whole cores, so that on a host with threads the VM must have an even number of CPUs. */
function evenOut(cores: number, threads: number): number {
  return threads % 2 === 0 || cores === 1 ? cores : cores - (cores % 2);
}

function toNetwork({ bridge, group }: HostDescription): object {
  const config = {
    cniVersion: '0.3.1',
    type: 'userspace',
    name: NETWORK,
    kubeconfig: '/etc/cni/net.d/multus.d/multus.kubeconfig',
    logFile: `/var/log/${NETWORK}-cni.log`,
    logLevel: 'info',
    host: {
      engine: 'ovs-dpdk',
      iftype: 'vhostuser',
      netType: 'bridge',
      vhost: { mode: 'client', group: group.name },
      bridge: { bridgeName: bridge },
    },
    container: { engine: 'ovs-dpdk', iftype: 'vhostuser', netType: 'interface', vhost: { mode: 'server' } },
  };
  return {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: NETWORK, namespace: NAMESPACE },
    spec: { config: `${JSON.stringify(config, undefined, 2)}\n` },
  };
}

function toKubeVirt(): object {
  const binding = {
    [BINDING]: { sidecarImage: 'registry.example/vhostuser-sidecar:v1', networkAttachmentDefinition: `${NAMESPACE}/${NETWORK}` },
  };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: 'kubevirt' },
    spec: { configuration: { network: { binding } } },
  };
}

function toVirtualMachine({ description, label }: HostPlan, { memoryMib, cores, threads }: VmShape): object {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'vhostuser-vm', namespace: NAMESPACE },
    spec: {
      runStrategy: 'Always',
      template: {
        spec: {
          evictionStrategy: 'None',
          nodeSelector: { [label.key]: label.value },
          domain: {
            machine: { type: 'q35' },
            cpu: { sockets: 1, cores, threads, dedicatedCpuPlacement: true, numa: { guestMappingPassthrough: {} } },
            memory: {
              guest: memoryMib % 1024 === 0 ? `${memoryMib / 1024}Gi` : `${memoryMib}Mi`,
              hugepages: { pageSize: description.pageSize },
            },
            devices: {
              ...(description.vm.queues > 1 ? { networkInterfaceMultiqueue: true } : {}),
              disks: [{ name: 'root', disk: { bus: 'virtio' } }],
              interfaces: [
                { name: 'default', masquerade: {} },
                { name: 'dpdk0', model: 'virtio', binding: { name: BINDING } },
              ],
            },
          },
          networks: [
            { name: 'default', pod: {} },
            { name: 'dpdk0', multus: { networkName: NETWORK } },
          ],
          volumes: [{ name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:latest' } }],
        },
      },
    },
  };
}
