import { defineRule } from '../engine/rule.ts';

export const requireHugepages = defineRule({
  meta: {
    id: 'VHG101',
    name: 'require-hugepages',
    title: 'Require hugepages for VMs with a vhost-user NIC',
    why: `OVS-DPDK maps the guest's memory to move packets. KubeVirt shares guest memory with other processes only when it is backed by
hugepages; without them QEMU starts on anonymous memory that OVS cannot map, and the NIC never passes a packet.`,
    remedy: 'Set `domain.memory.hugepages.pageSize` to `1Gi` (or `2Mi`), in the VM or in its instancetype.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-launcher/virtwrap/converter/compute/memory_backing.go',
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
    ],
    falsePositives: 'A sidecar that rewrites memoryBacking in the domain XML can share memory without hugepages.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          hugepages:\n            pageSize: 1Gi\n',
      bad: '',
    },
  },
  *check({ machine, spec, vhostUserNics: [nic] }) {
    const { pageSize } = machine;
    if (pageSize.state === 'unknown') yield { path: pageSize.path, unknown: pageSize.reason };
    if (pageSize.state !== 'unset') return;
    yield {
      path: spec.get('domain').get('memory').path,
      message: `interface ${JSON.stringify(nic?.name ?? '')} is vhostuser, so memory must use hugepages: set domain.memory.hugepages.pageSize to "1Gi" or "2Mi"`,
    };
  },
});
