import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { describeSupplier } from './supplier.ts';

export const requireDedicatedCpus = defineRule({
  meta: {
    id: 'VHG104',
    name: 'require-dedicated-cpus',
    title: 'Require dedicated CPUs for VMs with a vhost-user NIC',
    why: `OVS-DPDK polls the guest's queues without pause and drops what the guest does not fetch in time. Without
\`dedicatedCpuPlacement\` the launcher pod is not of the Guaranteed class, its vCPUs share CPUs with every other pod and may land on those that OVS polls on: packets
are lost whenever the guest is preempted. Dedicated CPUs also let KubeVirt place guest memory and vCPUs on one NUMA node.`,
    remedy:
      'Set `domain.cpu.dedicatedCpuPlacement: true` in the VM, or `cpu.dedicatedCPUPlacement: true` (note the capitals) in its instancetype.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://kubevirt.io/user-guide/compute/dedicated_cpu_resources/', 'https://docs.openvswitch.org/en/latest/topics/dpdk/pmd/'],
    falsePositives: 'A laboratory without the static CPU manager cannot give dedicated CPUs: exempt its namespaces there.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          dedicatedCpuPlacement: true\n',
      bad: '          dedicatedCpuPlacement: false\n',
    },
  },
  *check({ machine: { isCpuDedicated }, vhostUserNics: [nic] }) {
    if (isCpuDedicated.state === 'unknown') yield { path: isCpuDedicated.path, unknown: isCpuDedicated.reason };
    if (isCpuDedicated.state === 'unknown' || (isCpuDedicated.state === 'set' && isCpuDedicated.value)) return;
    const { path } = isCpuDedicated;
    const supplier = describeSupplier(path);
    const place = supplier === '' ? 'domain.cpu.dedicatedCpuPlacement' : `cpu.dedicatedCPUPlacement${supplier}`;
    const message = `interface ${quote(nic?.name ?? '')} is vhostuser, so the VM must have dedicated CPUs: set ${place} to true`;
    yield { path, message };
  },
});
