import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { defineRule } from '../engine/rule.ts';
import type { BindingPlugin } from '../kube/kubevirt.ts';

export const requireRegisteredBinding = defineRule({
  meta: {
    id: 'VHG122',
    name: 'require-registered-binding',
    title: 'Require a registered network binding plugin',
    why: `KubeVirt looks the plugin up only when it makes the pod: a name that is not in the KubeVirt object leaves the VM without one
("couldn't find configuration for network binding"). A plugin registered with \`domainAttachmentType\` makes KubeVirt add a tap NIC of its
own and wait for a pod interface, which the userspace CNI never makes: virt-handler then fails with "pod link is missing".`,
    remedy: `Register the plugin in \`spec.configuration.network.binding\` of the KubeVirt object, with a \`sidecarImage\` and without
\`domainAttachmentType\`, or set \`binding.name\` to one that is registered.`,
    severity: 'error',
    targets: ['workload'],
    needs: ['kubeVirt'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubevirt.io/user-guide/network/network_binding_plugins/',
      'https://github.com/kubevirt/kubevirt/blob/main/staging/src/kubevirt.io/api/core/v1/types.go',
    ],
    falsePositives: 'A VM that is applied before its plugin is registered is refused, although it would start later.',
    example: {
      file: 'virtual-machine.yaml',
      good: '              binding:\n                name: vhostuser\n',
      bad: '              binding:\n                name: vhostuser2\n',
    },
  },
  *check({ vhostUserNics }, { inventory }) {
    const kubeVirt = inventory.kubeVirt();
    for (const { name, binding } of vhostUserNics) {
      if (binding.kind !== 'plugin' || binding.name === '') continue;
      const { path } = binding.field;
      if (kubeVirt.state === 'unknown') {
        yield { path, unknown: kubeVirt.reason };
        continue;
      }
      const registered: ReadonlyMap<string, BindingPlugin> = kubeVirt.state === 'found' ? kubeVirt.value.bindings : new Map();
      const plugin = registered.get(binding.name);
      const subject = `interface ${quote(name)} uses the binding plugin ${quote(binding.name)}`;
      if (plugin === undefined)
        yield { path, message: `${subject}, which is not registered: ${suggest(binding.name, [...registered.keys()])}` };
      else if (plugin.domainAttachmentType)
        yield {
          path,
          message: `${subject}, which is registered with domainAttachmentType ${quote(plugin.domainAttachmentType)}: remove that from the KubeVirt object, vhost-user has no tap`,
        };
    }
  },
});

function suggest(name: string, registered: readonly string[]): string {
  if (registered.length === 0) return 'register it in spec.configuration.network.binding of the KubeVirt object';
  const similar = nearest(name, registered);
  if (similar !== undefined) return `did you mean ${quote(similar)}?`;
  return `register it in the KubeVirt object, or use one of ${registered.slice(0, 5).map(quote).join(', ')}`;
}
