import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import type { Workload } from '../kube/workload.ts';
import { describeSupplier } from './supplier.ts';

export const requireSharedMemory = defineRule({
  meta: {
    id: 'VHG106',
    name: 'require-shared-memory',
    title: 'Require guest memory that OVS can map',
    why: `OVS-DPDK reads and writes packets in the guest's memory, so QEMU must map it shared. With hugepages KubeVirt gets that from
memfd, whose default is shared. The annotation \`kubevirt.io/memfd: "false"\` falls back to files that are mapped privately, and on s390x KubeVirt never uses memfd: OVS then shows
the port as connected and up, and no packet ever passes. Memory of confidential VMs (\`launchSecurity\`) is encrypted or protected, so another process cannot read it at all.`,
    remedy: 'Remove the annotation `kubevirt.io/memfd`, and `domain.launchSecurity`, from VMs with vhost-user NICs.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-launcher/virtwrap/converter/compute/memory_backing.go',
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
    ],
    falsePositives: 'A binding plugin that sets shared memory access in the domain XML by itself makes up for the annotation.',
    example: {
      file: 'virtual-machine.yaml',
      good: '      labels:\n        app: trex\n',
      bad: '      labels:\n        app: trex\n      annotations:\n        kubevirt.io/memfd: "false"\n',
    },
  },
  *check(workload) {
    const { machine, spec } = workload;
    const { memfd, launchSecurity } = machine;
    const interfaceName = quote(workload.vhostUserNics[0]?.name ?? '');
    const architecture = spec.get('architecture');
    const isShared = asksForSharing(workload);
    if (memfd.state === 'set' && memfd.value === 'false' && !isShared)
      yield {
        path: memfd.path,
        message: `annotation kubevirt.io/memfd "false"${describeSupplier(memfd.path)} makes guest memory private, so interface ${interfaceName} passes no packet: remove the annotation`,
      };
    if (architecture.value === 's390x' && !isShared)
      yield {
        path: architecture.path,
        message: `guest memory is never shared on "s390x", so interface ${interfaceName} passes no packet: run the VM on "amd64"`,
      };
    if (launchSecurity.state === 'set')
      yield {
        path: launchSecurity.path,
        message: `launchSecurity${describeSupplier(launchSecurity.path)} protects guest memory from OVS, so interface ${interfaceName} passes no packet: remove launchSecurity`,
      };
    const unknown = [memfd, launchSecurity].find(({ state }) => state === 'unknown');
    if (unknown?.state === 'unknown') yield { path: unknown.path, unknown: unknown.reason };
  },
});

/** KubeVirt maps memory shared, whatever the annotation says, for virtiofs and for the passt binding. */
function asksForSharing({ spec, nics }: Workload): boolean {
  const fileSystems = spec.get('domain').get('devices').get('filesystems').items();
  return fileSystems.some((system) => system.get('virtiofs').isSet) || nics.some(({ field }) => field.get('passtBinding').isSet);
}
