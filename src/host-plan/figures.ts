import { formatCpuList } from './cpu-list.ts';
import { allKernelArguments } from './kernel-arguments.ts';
import { type NodeMemory, toSocketMem } from './memory.ts';
import type { HostPlan } from './plan.ts';

/** One result of a plan by name, with its derivation. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly derivation: readonly string[];
}

/** The results of a plan in the order in which a reader needs them. Values are written as OVS, Linux and the kubelet take them. */
export function figuresOf(plan: HostPlan): Figure[] {
  const { pmd, reserved, vmCpus, memory, pages, kernel, label } = plan;
  const { socketDirectory, group } = plan.description;
  const total = pages.reduce((sum, { count }) => sum + count, 0);
  return [
    { name: 'pmd-cpus', value: formatCpuList(pmd.cpus), derivation: pmd.because },
    {
      name: 'pmd-cpu-mask',
      value: pmd.mask,
      derivation: [`one bit for each CPU, the lowest is CPU 0: ${pmd.cpus.map((cpu) => `1<<${cpu}`).join(' | ')}`],
    },
    { name: 'reserved-cpus', value: formatCpuList(reserved.cpus), derivation: reserved.because },
    { name: 'vm-cpus', value: formatCpuList(vmCpus), derivation: ['all that neither poll nor stay with the host'] },
    { name: 'dpdk-socket-mem', value: memory.socketMem, derivation: memory.because },
    {
      name: 'dpdk-socket-limit',
      value: memory.socketMem,
      derivation: ['as dpdk-socket-mem: without a limit OVS takes the pages of VMs when its pools grow; 0 is no limit'],
    },
    { name: 'socket-mem-shared', value: toSocketMem(memory.shared), derivation: describeNodes(memory.shared) },
    { name: 'socket-mem-per-port', value: toSocketMem(memory.perPort), derivation: describeNodes(memory.perPort) },
    {
      name: 'socket-mem-tripleo',
      value: toSocketMem(memory.tripleo),
      derivation: [...describeNodes(memory.tripleo), ...memory.differences],
    },
    { name: 'hugepages', value: `${total}`, derivation: pages.map(({ because }) => because) },
    { name: 'kernel-arguments', value: allKernelArguments(kernel).join(' '), derivation: kernel.because },
    {
      name: 'socket-directory',
      value: socketDirectory,
      derivation: [
        `mode 2775 root:${group.name}: the setgid bit hands the group ${group.name} on to the sockets, so that an OVS that is not root can write to them`,
        'for launcher pods whose socket.volume is this hostPath (docs/configuration.md); the CNI makes the directory of an emptyDir itself',
        'the file "touched" in it keeps the CNI from removing the directory with its last socket',
      ],
    },
    {
      name: 'group',
      value: `${group.name}:${group.gid}`,
      derivation: ["OVS's group; QEMU gets it as a supplementary group by its number, which must be the same on all nodes"],
    },
    {
      name: 'node-label',
      value: `${label.key}=${label.value}`,
      derivation: ['OpenShift has not looked at it since 4.7; it still tells VMs where OVS-DPDK runs'],
    },
  ];
}

function describeNodes(memory: readonly NodeMemory[]): string[] {
  return memory.map(({ node, because }) => `NUMA node ${node}: ${because.join('; ')}`);
}
