import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { CORE_BINDINGS, type Nic } from '../kube/nic.ts';
import { suggestBinding } from './suggested-binding.ts';

export const preferBindingPlugin = defineRule({
  meta: {
    id: 'VHG109',
    name: 'prefer-binding-plugin',
    title: 'Prefer a network binding plugin over the vhostuser member',
    why: `The interface member \`vhostuser: {}\` comes from a fork and exists in no KubeVirt release. kubectl's strict validation refuses
it; other clients lose it without a word, because the API server drops unknown fields, and what is stored is a NIC without a binding that never starts. A network
binding plugin, registered in the KubeVirt object under a name such as \`vhostuser\`, is the supported way.`,
    remedy: 'Write `binding: {name: vhostuser}` in the place of `vhostuser: {}`.',
    severity: 'warning',
    targets: ['workload'],
    needs: ['kubeVirt'],
    fix: 'unsafe',
    since: '0.1.0',
    sources: ['https://github.com/kubevirt/kubevirt/pull/3208', 'https://kubevirt.io/user-guide/network/network_binding_plugins/'],
    falsePositives: 'A cluster that runs the fork needs the member: turn the rule off there.',
    example: {
      file: 'virtual-machine.yaml',
      good: '              binding:\n                name: vhostuser\n',
      bad: '              vhostuser: {}\n',
    },
  },
  *check({ vhostUserNics }, { inventory, settings }) {
    const binding = suggestBinding(inventory, settings);
    for (const nic of vhostUserNics) {
      if (nic.binding.kind === 'fork') yield describeFork(nic, binding);
      if (nic.isPruned) yield describePruned(nic, binding);
    }
  },
});

function describeFork({ name, field }: Nic, binding: string): Violation {
  const { path } = field.get('vhostuser');
  const member = `interface ${quote(name)} uses vhostuser, which no KubeVirt release has`;
  const other = ['binding', ...CORE_BINDINGS].find((key) => field.get(key).value !== undefined);
  if (other !== undefined) return { path, message: `${member}, besides ${other}: remove vhostuser and keep one binding` };
  return {
    path,
    message: `${member}: set binding.name to ${quote(binding)} instead`,
    fix: {
      title: `use the binding plugin ${quote(binding)}`,
      safety: 'unsafe',
      edits: [{ op: 'rename', path, key: 'binding', value: { name: binding } }],
    },
  };
}

function describePruned({ name, field }: Nic, binding: string): Violation {
  return {
    path: field.path,
    message: `interface ${quote(name)} was applied with vhostuser, which the API server dropped, so it has no binding: set binding.name to ${quote(binding)}`,
    fix: {
      title: `use the binding plugin ${quote(binding)}`,
      safety: 'unsafe',
      edits: [{ op: 'set', path: field.get('binding').path, value: { name: binding } }],
    },
  };
}
