import type { Lookup } from '../core/lookup.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import type { EffectiveMachine } from '../kube/effective.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { LauncherPod } from '../kube/launcher-pod.ts';
import type { Network } from '../kube/network.ts';
import type { Nic } from '../kube/nic.ts';
import type { View } from '../kube/view.ts';
import { readSocketVolume } from '../rules/socket-volume.ts';
import type { GraphNode } from './graph.ts';

/** What a node says of itself. */
export type Description = Omit<GraphNode, 'id' | 'marks'>;

/** A VM, or what else stands in the first column. */
export function describeOwner({ kind, namespace, name }: Subject, view: View): Description {
  const facts = view.target === 'workload' ? describeMachine(view.machine) : view.target === 'pod' ? describeSockets(view) : [];
  return { column: 'workload', kind, name: name || '(no name)', details: [`namespace ${namespace}`, ...facts], condition: 'sound' };
}

function describeMachine({ vcpus, isCpuDedicated, machineType, guestMemory, pageSize }: EffectiveMachine): string[] {
  const cpus = vcpus.state === 'set' ? `${vcpus.value} ${vcpus.value === 1 ? 'CPU' : 'CPUs'}` : 'CPUs not known';
  const isDedicated = isCpuDedicated.state === 'set' && isCpuDedicated.value;
  const share = isCpuDedicated.state === 'unknown' ? '' : isDedicated ? ', dedicated' : ', shared';
  const type = machineType.state === 'set' ? `, ${machineType.value}` : '';
  const memory =
    guestMemory.state === 'set' ? `${guestMemory.value} memory` : guestMemory.state === 'unset' ? 'memory' : 'memory not known';
  const pages = { set: `, pages of ${pageSize.state === 'set' ? pageSize.value : ''}`, unset: ', no hugepages', unknown: '' };
  return [`${cpus}${share}${type}`, `${memory}${pages[pageSize.state]}`];
}

function describeSockets({ socketVolume, socketMount }: LauncherPod): string[] {
  if (socketVolume === undefined) return ['no socket directory'];
  const volume = readSocketVolume(socketVolume);
  const source = volume.source === 'hostPath' ? `hostPath ${String(volume.path.value)}` : `${volume.source} for sockets`;
  const mountPath = socketMount?.get('mountPath').value;
  return [source, typeof mountPath === 'string' ? `at ${mountPath}` : 'not mounted'];
}

export function describeNic({ name, model, binding, isPruned }: Nic): Description {
  const bindings = {
    none: isPruned ? 'binding dropped by the API server' : 'no binding',
    fork: 'binding vhostuser: {}',
    core: `binding ${binding.kind === 'core' ? binding.method : ''}`,
    plugin: `binding ${binding.kind === 'plugin' ? binding.name : ''}`,
  };
  const details = [bindings[binding.kind], `model ${model.state === 'set' ? model.value : 'virtio'}`];
  return { column: 'interface', kind: 'interface', name: name || '(no name)', details, condition: 'sound' };
}

export function describeNetwork(namespace: string, name: string, network: Lookup<Network>): Description {
  const own = { column: 'network', kind: 'NetworkAttachmentDefinition', name: name || '(no name)' } as const;
  const place = `namespace ${namespace}`;
  if (network.state === 'unknown') return { ...own, details: [place, 'not known here'], condition: 'unknown' };
  if (network.state === 'absent') return { ...own, details: [place, 'does not exist'], condition: 'broken' };
  const { config, userspace } = network.value;
  const group = userspace?.getFold('host').getFold('vhost').getFold('group').value;
  const type = config.state === 'json' ? config.root.getFold('type').value : undefined;
  const fact = userspace === undefined ? `type ${typeof type === 'string' ? type : 'not readable'}` : groupText(group);
  return { ...own, details: [place, fact], condition: 'sound' };
}

function groupText(group: unknown): string {
  return typeof group === 'string' && group !== '' ? `sockets of group ${group}` : 'sockets of no group';
}

/** A NIC's network when it is no NetworkAttachmentDefinition. */
export function describeOtherNetwork(source: string | undefined): Description {
  const name = source === undefined ? 'no network' : `${source} network`;
  return { column: 'network', kind: 'network', name, details: ['no NetworkAttachmentDefinition'], condition: 'broken' };
}

/** The node label that VMs select, with the nodes that have it. */
export function describePlacement({ label, value }: Settings['placement'], inventory: Inventory): Description {
  const nodes = inventory.nodes();
  const names = nodes.state === 'found' ? nodes.value.filter(({ labels }) => labels[label] === value).map(({ name }) => name) : undefined;
  const shown = names?.toSorted().slice(0, 3).join(', ');
  const more = names !== undefined && names.length > 3 ? ` and ${names.length - 3} more` : '';
  const holders = names === undefined ? 'nodes not known' : names.length === 0 ? 'no node has it' : `${shown}${more}`;
  const name = value === '' ? label : `${label}=${value}`;
  return { column: 'placement', kind: 'node label', name, details: [holders], condition: names?.length === 0 ? 'broken' : 'sound' };
}
