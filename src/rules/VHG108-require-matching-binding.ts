import { isObject, quote } from '../core/json.ts';
import type { Unknown, Violation } from '../engine/finding.ts';
import { defineRule, type RuleContext } from '../engine/rule.ts';
import type { Nic } from '../kube/nic.ts';
import { suggestBinding } from './suggested-binding.ts';

export const requireMatchingBinding = defineRule({
  meta: {
    id: 'VHG108',
    name: 'require-matching-binding',
    title: 'Require vhost-user bindings on vhost-user networks, and only there',
    why: `The userspace CNI makes a socket and no network device. A bridge, masquerade or SR-IOV binding on such a network waits for a
device that never comes ("pod link is missing"), and KubeVirt up to 1.9 accepts a NIC without any binding and then retries for ever. The other way round, a
vhost-user binding on the pod network, or on a network of another CNI, gets no socket: QEMU has nothing to listen on or nobody to talk to.`,
    remedy:
      'Give the NIC `binding: {name: vhostuser}` and a `multus` network whose NetworkAttachmentDefinition is of type userspace with iftype vhostuser.',
    severity: 'error',
    targets: ['workload'],
    needs: ['networkAttachmentDefinition', 'kubeVirt'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/issues/3405',
      'https://kubevirt.io/user-guide/network/network_binding_plugins/',
      'https://github.com/intel/userspace-cni-network-plugin#readme',
    ],
    falsePositives:
      "A vendor's CNI that makes vhost-user sockets under another type than `userspace` is not recognised as a vhost-user network.",
    example: {
      file: 'virtual-machine.yaml',
      good: '              binding:\n                name: vhostuser\n',
      bad: '              bridge: {}\n',
    },
  },
  *check({ vhostUserNics }, context) {
    for (const nic of vhostUserNics) yield* isBound(nic) ? checkNetwork(nic) : checkBinding(nic, context);
  },
});

function isBound({ binding }: Nic): boolean {
  return binding.kind === 'fork' || (binding.kind === 'plugin' && binding.isVhostUser);
}

/** The network below a vhost-user binding. A network of a resource claim (DRA) makes its own socket. */
function* checkNetwork({ name, field, network, source, multus }: Nic): Iterable<Violation> {
  const what = `interface ${quote(name)} is vhostuser`;
  if (network === undefined)
    yield {
      path: field.get('name').path,
      message: `${what} but spec.networks has no network of that name: add one with multus.networkName`,
    };
  else if (source === undefined || (source === 'multus' && isUnnamed(network.get('multus').value)))
    yield { path: network.path, message: `${what} but its network names no NetworkAttachmentDefinition: set multus.networkName` };
  else if (source !== 'multus' && source !== 'resourceClaim')
    yield {
      path: network.get(source).path,
      message: `${what} but its network is ${quote(source)}: use a multus network with a vhost-user CNI`,
    };
  else if (multus?.network.state === 'found' && multus.network.value.config.state === 'json' && !multus.network.value.isVhostUser)
    yield {
      path: multus.field.path,
      message: `${what} but network ${quote(`${multus.namespace}/${multus.name}`)} is not: name one of type userspace with iftype vhostuser`,
    };
}

/** A networkName of the wrong type is VHG100's. */
function isUnnamed(multus: unknown): boolean {
  return isObject(multus) && (multus['networkName'] === undefined || multus['networkName'] === null || multus['networkName'] === '');
}

/**
 * | NIC on a vhost-user network | |
 * |---|---|
 * | no binding, core binding | finding |
 * | plugin, KubeVirt CR unknown | unknown: its name may be anything |
 * | plugin, not registered | VHG122 says so |
 * | plugin, registered | finding: neither its name nor its image says vhost-user |
 */
function* checkBinding({ name, field, binding, multus }: Nic, { inventory, settings }: RuleContext): Iterable<Violation | Unknown> {
  if (multus?.network.state !== 'found' || !multus.network.value.isVhostUser) return;
  const wanted = `set binding.name to ${quote(suggestBinding(inventory, settings))}`;
  const where = `interface ${quote(name)} is on the vhost-user network ${quote(`${multus.namespace}/${multus.name}`)}`;
  if (binding.kind === 'none') yield { path: field.path, message: `${where} but has no binding: ${wanted}` };
  if (binding.kind === 'core')
    yield { path: binding.field.path, message: `${where} but its binding is ${binding.method}: ${wanted} instead` };
  if (binding.kind !== 'plugin') return;
  const kubeVirt = inventory.kubeVirt();
  if (kubeVirt.state === 'unknown') yield { path: binding.field.path, unknown: kubeVirt.reason };
  if (kubeVirt.state !== 'found' || !kubeVirt.value.bindings.has(binding.name)) return;
  const message = `${where} but its binding ${quote(binding.name)} is not vhost-user: ${wanted}, or list ${quote(binding.name)} in the setting bindings`;
  yield { path: binding.field.path, message };
}
