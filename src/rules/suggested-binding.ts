import type { Settings } from '../core/settings.ts';
import type { Inventory } from '../kube/inventory.ts';

/** The vhost-user binding that a NIC without one should name: one that the KubeVirt CR registers, else the first configured. */
export function suggestBinding(inventory: Inventory, { bindings }: Settings): string {
  const kubeVirt = inventory.kubeVirt();
  const registered = kubeVirt.state === 'found' ? [...kubeVirt.value.bindings.values()] : [];
  const usable = registered.filter(({ name, isVhostUser }) => isVhostUser || bindings.includes(name)).map(({ name }) => name);
  return bindings.find((name) => usable.includes(name)) ?? usable[0] ?? bindings[0] ?? 'vhostuser';
}
