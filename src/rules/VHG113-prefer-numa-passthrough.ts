import { defineRule } from '../engine/rule.ts';

export const preferNumaPassthrough = defineRule({
  meta: {
    id: 'VHG113',
    name: 'prefer-numa-passthrough',
    title: 'Prefer the NUMA layout of the host in the guest',
    why: `With dedicated CPUs and hugepages, \`numa.guestMappingPassthrough\` gives the guest the NUMA nodes that its CPUs lie on, and binds its
memory to the same nodes. Without it the guest sees one flat node while its memory may lie on the other socket: every packet then crosses the interconnect, at a cost that
no counter of OVS shows.`,
    remedy: 'Set `domain.cpu.numa.guestMappingPassthrough: {}` in the VM, or `cpu.numa.guestMappingPassthrough: {}` in its instancetype.',
    severity: 'info',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://kubevirt.io/user-guide/compute/numa/', 'https://docs.openvswitch.org/en/latest/topics/dpdk/pmd/'],
    falsePositives: 'A node with one NUMA node gains nothing, and a VM that must fit beside others may be easier to place without it.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          numa:\n            guestMappingPassthrough: {}\n',
      bad: '',
    },
  },
  *check({ machine: { isCpuDedicated, pageSize, hasNumaPassthrough } }) {
    const unknown = [isCpuDedicated, pageSize, hasNumaPassthrough].find(({ state }) => state === 'unknown');
    if (hasNumaPassthrough.state === 'set') return;
    if (unknown?.state === 'unknown') {
      yield { path: unknown.path, unknown: unknown.reason };
      return;
    }
    if (isCpuDedicated.state !== 'set' || !isCpuDedicated.value || pageSize.state !== 'set') return;
    const message = 'guest CPUs and memory may lie on different NUMA nodes: set domain.cpu.numa.guestMappingPassthrough to {}';
    yield { path: hasNumaPassthrough.path, message };
  },
});
