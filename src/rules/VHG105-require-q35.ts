import { isObject, quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isX86 } from './page-size.ts';
import { describeSupplier } from './supplier.ts';

const Q35 = /^(?:pc-)?q35/;

export const requireQ35 = defineRule({
  meta: {
    id: 'VHG105',
    name: 'require-q35',
    title: 'Require the q35 machine type',
    why: `On x86 KubeVirt supports \`q35*\` and \`pc-q35*\` only and refuses any other machine type. Where an administrator has widened
\`emulatedMachines\`, the pod asks for a node with a label for the type, and waits in \`Scheduling\` where none has it. Without any type the
cluster's default decides: it differs between clusters and releases, and the guest's NICs get other PCI addresses and names with it.`,
    remedy: 'Set `domain.machine.type: q35`. Admission adds it where neither the VM nor its preference names a type.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'safe',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-config/virt-config.go',
      'https://kubevirt.io/user-guide/compute/virtual_hardware/#machine-type',
    ],
    falsePositives: 'None known: q35 exists on x86 only, and VMs whose `spec.architecture` is another are not judged.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          type: q35\n',
      bad: '          type: pc-i440fx-2.12\n',
    },
  },
  *check({ machine: { machineType }, spec }) {
    if (!isX86(spec)) return;
    const machine = spec.get('domain').get('machine');
    const own = machine.get('type');
    if (machineType.state === 'unknown') yield { path: machineType.path, unknown: machineType.reason };
    if (machineType.state === 'set') {
      if (Q35.test(machineType.value)) return;
      const message = `machine type ${quote(machineType.value)}${describeSupplier(machineType.path)} is not q35: set domain.machine.type to "q35"`;
      yield { path: machineType.path, message };
    }
    // A type or a parent of the wrong shape is VHG100's: writing there would overwrite what the user set.
    const isMisshapen = (machine.isSet && !isObject(machine.value)) || (own.isSet && own.value !== '');
    if (machineType.state !== 'unset' || isMisshapen) return;
    const { path } = own;
    const message = 'the machine type is left to the default of the cluster: set domain.machine.type to "q35"';
    const fix = { title: 'set domain.machine.type to "q35"', safety: 'safe', edits: [{ op: 'set', path, value: 'q35' }] } as const;
    yield own.isSet ? { path, severity: 'warning', message } : { path, severity: 'warning', message, fix };
  },
});
