import type { Field } from '../core/field.ts';
import type { Lookup } from '../core/lookup.ts';
import type { Settings } from '../core/settings.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { type Effective, orElse, written } from './effective.ts';
import type { Inventory } from './inventory.ts';
import type { Network } from './network.ts';

/** How a NIC is bound to its network. `fork` is the `vhostuser: {}` member that no KubeVirt release has. */
export type Binding =
  | { readonly kind: 'none' }
  | { readonly kind: 'core'; readonly method: string; readonly field: Field }
  | { readonly kind: 'plugin'; readonly name: string; readonly field: Field; readonly isVhostUser: boolean }
  | { readonly kind: 'fork'; readonly field: Field };

/** The NetworkAttachmentDefinition that a NIC names, and what is known of it. */
export interface MultusReference {
  readonly namespace: string;
  readonly name: string;
  /** The field `networks[].multus.networkName`. */
  readonly field: Field;
  readonly network: Lookup<Network>;
}

/** One entry of `domain.devices.interfaces` joined with its entry of `networks`. */
export interface Nic {
  readonly name: string;
  readonly field: Field;
  readonly binding: Binding;
  /** True when the user wrote `vhostuser: {}` and the API server dropped it: only last-applied-configuration still has it. */
  readonly isPruned: boolean;
  /** The model, or the preference's where the NIC sets none; KubeVirt's default is virtio. */
  readonly model: Effective<string>;
  /** Its entry of `networks`; `undefined` when none has the NIC's name. */
  readonly network: Field | undefined;
  /** `multus`, `pod`, `resourceClaim`, or what else the network is; `undefined` when no network has the NIC's name. */
  readonly source: string | undefined;
  readonly multus: MultusReference | undefined;
  readonly isVhostUser: boolean;
}

/** What `readNics` joins. */
export interface NicSources {
  /** The VMI spec. */
  readonly spec: Field;
  readonly namespace: string;
  readonly preference: CatalogueEntry;
  readonly inventory: Inventory;
  readonly settings: Settings;
  /** Names of the NICs that had the fork member in last-applied-configuration. Asked only where a NIC has no binding. */
  readonly lastForkNics: () => ReadonlySet<string>;
}

/** The members of an interface that bind it without a plugin, also those of older releases. */
export const CORE_BINDINGS = ['bridge', 'masquerade', 'sriov', 'passtBinding', 'passt', 'slirp', 'macvtap'];

export function readNics(sources: NicSources): Nic[] {
  const networks = new Map<string, Field>();
  for (const network of sources.spec.get('networks').items()) {
    const name = network.get('name').string();
    if (name !== undefined) networks.set(name, network);
  }
  const interfaces = sources.spec.get('domain').get('devices').get('interfaces').items();
  return interfaces.map((field) => readNic(field, networks, sources));
}

function readNic(field: Field, networks: ReadonlyMap<string, Field>, sources: NicSources): Nic {
  const name = field.get('name').string() ?? '';
  const binding = readBinding(field, sources);
  const network = networks.get(name);
  const multus = network && readMultus(network, sources);
  const modelField = field.get('model');
  const isPruned = binding.kind === 'none' && sources.lastForkNics().has(name);
  const isBound = binding.kind === 'fork' || (binding.kind === 'plugin' && binding.isVhostUser);
  const isOnVhostUserNetwork = multus?.network.state === 'found' && multus.network.value.isVhostUser;
  return {
    name,
    field,
    binding,
    isPruned,
    model: orElse(written(modelField, modelField.string() || undefined), sources.preference, readPreferredModel),
    network,
    source: network && sourceOf(network),
    multus,
    isVhostUser: isBound || isPruned || isOnVhostUserNetwork,
  };
}

function readBinding(nic: Field, { inventory, settings }: NicSources): Binding {
  const fork = nic.get('vhostuser');
  if (fork.isSet) return { kind: 'fork', field: fork };
  const plugin = nic.get('binding');
  if (plugin.isSet) {
    const field = plugin.get('name');
    const name = field.string() ?? '';
    return { kind: 'plugin', name, field, isVhostUser: isVhostUserBinding(name, inventory, settings) };
  }
  const method = CORE_BINDINGS.find((candidate) => nic.get(candidate).isSet);
  return method === undefined ? { kind: 'none' } : { kind: 'core', method, field: nic.get(method) };
}

/** True for a binding plugin that the settings or the KubeVirt CR know as vhost-user. */
export function isVhostUserBinding(name: string, inventory: Inventory, settings: Settings): boolean {
  if (settings.bindings.includes(name)) return true;
  const kubeVirt = inventory.kubeVirt();
  return kubeVirt.state === 'found' && kubeVirt.value.bindings.get(name)?.isVhostUser === true;
}

function sourceOf(network: Field): string | undefined {
  return Object.keys(network.object() ?? {}).find((key) => key !== 'name');
}

function readMultus(network: Field, { namespace, inventory }: NicSources): MultusReference | undefined {
  const field = network.get('multus').get('networkName');
  const reference = field.string();
  if (reference === undefined) return undefined;
  const slash = reference.indexOf('/');
  const owner = slash < 0 ? namespace : reference.slice(0, slash);
  const name = reference.slice(slash + 1);
  return { namespace: owner, name, field, network: inventory.networkAttachmentDefinition(owner, name) };
}

function readPreferredModel(preference: Field): string | undefined {
  return preference.get('devices').get('preferredInterfaceModel').string() || undefined;
}
