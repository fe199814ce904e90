import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { describeSupplier } from './supplier.ts';

export const requireVirtioModel = defineRule({
  meta: {
    id: 'VHG107',
    name: 'require-virtio-model',
    title: 'Require the virtio model on vhost-user NICs',
    why: `vhost-user is a protocol between a virtio device and its back end: QEMU refuses a vhost-user network with an emulated model such
as e1000, and the domain never starts. A preference's \`preferredInterfaceModel\` fills in the model of every NIC that sets none, so it can break
a VM that does not mention a model.`,
    remedy: 'Set `model: virtio` on the interface, or remove the model; where a preference supplies another, set it on the interface.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://www.qemu.org/docs/master/interop/vhost-user.html',
      'https://kubevirt.io/user-guide/network/interfaces_and_networks/',
    ],
    falsePositives: 'None known: no back end of vhost-user drives another model.',
    example: {
      file: 'virtual-machine.yaml',
      good: '              model: virtio\n',
      bad: '              model: e1000e\n',
    },
  },
  *check({ vhostUserNics }) {
    for (const { name, model } of vhostUserNics) {
      if (model.state !== 'set' || model.value.startsWith('virtio')) continue;
      const supplied = `${quote(model.value)}${describeSupplier(model.path)}`;
      const message = `interface ${quote(name)} is vhostuser, so its model must be virtio, not ${supplied}: set model of the interface to "virtio"`;
      yield { path: model.path, message };
    }
    const unknown = vhostUserNics.find(({ model }) => model.state === 'unknown')?.model;
    if (unknown?.state === 'unknown') yield { path: unknown.path, unknown: unknown.reason };
  },
});
