import { Field, type ShapeProblem } from '../core/field.ts';
import { isObject } from '../core/json.ts';
import type { Lookup } from '../core/lookup.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import type { Inventory } from './inventory.ts';
import type { Network } from './network.ts';
import { isVhostUserBinding } from './nic.ts';

/** One entry of the pod's `k8s.v1.cni.cncf.io/networks`. */
export interface PodNetwork {
  readonly namespace: string;
  readonly name: string;
  /** The interface in the pod, `net<N>` where none is asked for (N counts from 1). Part of the socket's file name. */
  readonly interfaceName: string;
  readonly network: Lookup<Network>;
  readonly isVhostUser: boolean;
}

/** What rules read of a virt-launcher pod. */
export interface LauncherPod {
  readonly target: 'pod';
  readonly namespace: string;
  readonly uid: string | undefined;
  readonly root: Field;
  readonly spec: Field;
  readonly networksField: Field;
  readonly vhostUserNetworks: readonly PodNetwork[];
  /** The container that runs QEMU. */
  readonly compute: Field | undefined;
  /** The volume named `shared-dir`, where the userspace CNI looks for the socket directory. */
  readonly socketVolume: Field | undefined;
  /** The `shared-dir` mount of the compute container. */
  readonly socketMount: Field | undefined;
  readonly problems: readonly ShapeProblem[];
  readonly inScope: boolean;
}

/** The literal name that the userspace CNI searches for. @see userspace-cni-network-plugin pkg/annotations/annotations.go */
export const SOCKET_VOLUME_NAME = 'shared-dir';

const NETWORKS = 'k8s.v1.cni.cncf.io/networks';

export function readLauncherPod(subject: Subject, inventory: Inventory, settings: Settings): LauncherPod {
  const problems: ShapeProblem[] = [];
  const root = Field.root(subject.object, problems);
  const metadata = root.get('metadata');
  const spec = root.get('spec');
  const networksField = metadata.get('annotations').get(NETWORKS);
  const isLauncher = metadata.get('labels').get('kubevirt.io').value === 'virt-launcher';
  const networks = isLauncher ? readNetworks(networksField, subject.namespace, inventory) : [];
  const isBound = networks.length > 0 && hasVhostUserSidecar(spec, inventory, settings);
  const vhostUserNetworks = networks
    .map((network) => ({ ...network, isVhostUser: network.isVhostUser || (isBound && network.network.state === 'unknown') }))
    .filter((network) => network.isVhostUser);
  const compute = vhostUserNetworks.length > 0 ? named(spec.get('containers'), 'compute') : undefined;
  return {
    target: 'pod',
    namespace: subject.namespace,
    uid: metadata.get('uid').string(),
    root,
    spec,
    networksField,
    vhostUserNetworks,
    compute,
    socketVolume: vhostUserNetworks.length > 0 ? named(spec.get('volumes'), SOCKET_VOLUME_NAME) : undefined,
    socketMount: compute && named(compute.get('volumeMounts'), SOCKET_VOLUME_NAME),
    problems,
    inScope: vhostUserNetworks.length > 0,
  };
}

function named(list: Field, name: string): Field | undefined {
  return list.items().find((item) => item.get('name').value === name);
}

/** KubeVirt names a NIC's binding plugin in its sidecar: that tells a vhost-user pod when its NAD is not known. */
function hasVhostUserSidecar(spec: Field, inventory: Inventory, settings: Settings): boolean {
  return spec
    .get('containers')
    .items()
    .some((container) =>
      container
        .get('env')
        .items()
        .some((variable) => {
          const value = variable.get('name').value === 'NETWORK_BINDING_PLUGIN_NAME' ? variable.get('value').string() : undefined;
          return value !== undefined && isVhostUserBinding(value, inventory, settings);
        }),
    );
}

function readNetworks(field: Field, podNamespace: string, inventory: Inventory): PodNetwork[] {
  const text = field.string()?.trim() ?? '';
  if (text === '') return [];
  const elements = /[[{"]/.test(text) ? parseJsonForm(text) : text.split(',').map(parseShortForm);
  if (elements === undefined) {
    field.reject('a JSON list of networks');
    return [];
  }
  return elements.map((element, index) => {
    const namespace = element.namespace ?? podNamespace;
    const network = inventory.networkAttachmentDefinition(namespace, element.name);
    const isVhostUser = network.state === 'found' && network.value.isVhostUser;
    return { namespace, name: element.name, interfaceName: element.interfaceName ?? `net${index + 1}`, network, isVhostUser };
  });
}

interface Element {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly interfaceName: string | undefined;
}

function parseJsonForm(text: string): Element[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || !value.every(isObject)) return undefined;
  const optional = (member: unknown): string | undefined => (typeof member === 'string' && member !== '' ? member : undefined);
  return value.map((element) => ({
    namespace: optional(element['namespace']),
    name: optional(element['name']) ?? '',
    interfaceName: optional(element['interface']),
  }));
}

/** `[<namespace>/]<name>[@<interface>]`. */
function parseShortForm(text: string): Element {
  const match = /^\s*(?:([^/@]*)\/)?([^@]*?)(?:@(.*?))?\s*$/.exec(text);
  return { namespace: match?.[1], name: match?.[2] ?? '', interfaceName: match?.[3] };
}
