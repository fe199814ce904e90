import { quote } from '../core/json.ts';
import type { Lookup } from '../core/lookup.ts';
import { defineRule } from '../engine/rule.ts';
import type { KubeVirt } from '../kube/kubevirt.ts';
import type { Nic } from '../kube/nic.ts';

export const forbidUnsafeMigration = defineRule({
  meta: {
    id: 'VHG111',
    name: 'forbid-unsafe-migration',
    title: 'Forbid live migration on eviction where the binding cannot migrate',
    why: `KubeVirt asks only the primary NIC whether a VM can migrate, so a node drain does try to migrate a VM with a secondary vhost-user
NIC. The socket of the userspace CNI is named after the container, so the path in the domain differs on the target: the migration fails again and again, and the drain hangs.
Only a binding plugin that registers a \`migration\` method says that it carries the NIC over.`,
    remedy: 'Set `evictionStrategy: None` (or `External`), unless the binding plugin registers `migration`.',
    severity: 'warning',
    targets: ['workload'],
    needs: ['kubeVirt'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubevirt.io/user-guide/compute/live_migration/',
      'https://kubevirt.io/user-guide/network/network_binding_plugins/',
      'https://github.com/kubevirt/kubevirt/issues/15634',
    ],
    falsePositives: 'A plugin that can migrate without registering a `migration` method is not recognised.',
    example: {
      file: 'virtual-machine.yaml',
      good: '      evictionStrategy: None\n',
      bad: '      evictionStrategy: LiveMigrate\n',
    },
  },
  *check({ spec, vhostUserNics }, { inventory }) {
    const kubeVirt = inventory.kubeVirt();
    const own = spec.get('evictionStrategy');
    const isInherited = (own.string() ?? '') === '';
    const strategy = isInherited && kubeVirt.state === 'found' ? kubeVirt.value.evictionStrategy : own.string();
    if (strategy !== 'LiveMigrate' && strategy !== 'LiveMigrateIfPossible') return;
    const stuck = vhostUserNics.find((nic) => cannotMigrate(nic, kubeVirt));
    const source = isInherited ? 'the cluster default for evictionStrategy' : 'evictionStrategy';
    if (stuck !== undefined)
      yield {
        path: own.path,
        message: `${source} is ${quote(strategy)} but interface ${quote(stuck.name)} cannot migrate: set evictionStrategy to "None" or "External"`,
      };
    else if (kubeVirt.state === 'unknown' && vhostUserNics.some(({ binding }) => binding.kind === 'plugin'))
      yield { path: own.path, unknown: kubeVirt.reason };
  },
});

/** A plugin that is not registered is VHG122's, and no vhost-user binding at all is VHG108's. */
function cannotMigrate({ binding }: Nic, kubeVirt: Lookup<KubeVirt>): boolean {
  if (binding.kind === 'fork') return true;
  if (binding.kind !== 'plugin' || kubeVirt.state !== 'found') return false;
  return kubeVirt.value.bindings.get(binding.name)?.canMigrate === false;
}
