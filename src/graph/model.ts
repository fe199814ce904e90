import type { Field } from '../core/field.ts';
import { found, type Lookup } from '../core/lookup.ts';
import { toFieldPath } from '../core/path.ts';
import type { Settings } from '../core/settings.ts';
import type { Effective } from '../kube/effective.ts';
import type { Host } from '../kube/host.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { LauncherPod } from '../kube/launcher-pod.ts';
import type { Network } from '../kube/network.ts';
import type { Binding, Nic } from '../kube/nic.ts';
import { readView, type View } from '../kube/view.ts';
import type { Workload } from '../kube/workload.ts';
import { ovsHostOf } from '../rules/ovs-host.ts';
import { isPlaced } from '../rules/placement.ts';
import { GraphBuilder } from './builder.ts';
import { type Description, describeNetwork, describeNic, describeOtherNetwork, describeOwner, describePlacement } from './describe.ts';
import { compareText, type Graph } from './graph.ts';
import { type JudgedObject, markOf, nodeAt, type Spot } from './marks.ts';
import { readWire, type Wire } from './wire.ts';

/** What the objects were judged with. */
export interface GraphContext {
  readonly inventory: Inventory;
  readonly settings: Settings;
}

const BRIDGE_DEFAULT = 'br0';

/** The picture of judged objects: each NIC's way to its node, and each finding on the thing that it is about. Order does not matter. */
export function createGraph(objects: readonly JudgedObject[], context: GraphContext): Graph {
  const builder = new GraphBuilder();
  const viewed = objects.flatMap((object) => {
    const view = readView(object.subject, context.inventory, context.settings);
    return view?.inScope && view.target !== 'host' ? [{ object, view }] : [];
  });
  for (const [index, { object, view }] of viewed.toSorted(compareViewed).entries()) {
    const { whole, spots } = new ObjectPainter(builder, context, `object ${index}`).add(object, view);
    for (const finding of object.findings) builder.mark(nodeAt(finding.path, spots, whole), markOf(finding, object));
  }
  return builder.build();
}

/** What has a NIC, or a network of one: a host has no place in the picture. */
type Drawn = Exclude<View, Host>;

interface Viewed {
  readonly object: JudgedObject;
  readonly view: Drawn;
}

const RANK: Readonly<Record<Drawn['target'], number>> = { workload: 0, pod: 1, preset: 2, unreadable: 3, network: 4 };

function compareViewed({ object: { subject: a }, view }: Viewed, { object: { subject: b }, view: other }: Viewed): number {
  return (
    RANK[view.target] - RANK[other.target] ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name) ||
    compareText(a.kind, b.kind)
  );
}

/** The nodes of one object: the one that stands for all of it, and those of its parts. */
interface Painted {
  readonly whole: string;
  readonly spots: readonly Spot[];
}

/** The half of a chain behind a NIC. */
interface Uplink {
  readonly network: string;
  readonly bridge: string;
  readonly wire: Wire;
}

class ObjectPainter {
  readonly #builder: GraphBuilder;
  readonly #context: GraphContext;
  readonly #key: string;

  constructor(builder: GraphBuilder, context: GraphContext, key: string) {
    this.#builder = builder;
    this.#context = context;
    this.#key = key;
  }

  add({ subject }: JudgedObject, view: Drawn): Painted {
    if (view.target === 'network') return this.#addNetworkAlone(view);
    const whole = this.#builder.node(this.#key, describeOwner(subject, view));
    if (view.target === 'workload') return { whole, spots: this.#addNics(whole, view) };
    if (view.target === 'pod') this.#addPodNetworks(whole, view);
    return { whole, spots: [] };
  }

  #addNics(owner: string, view: Workload): Spot[] {
    const placement = this.#addPlacement(view.machine.nodeSelector, view.spec);
    return view.vhostUserNics.flatMap((nic) => {
      const { path } = nic.field;
      const node = this.#builder.node(`${this.#key} ${toFieldPath(path)}`, describeNic(nic));
      this.#addChain({ owner, nic: node, placement, obstacle: obstacleOf(nic.binding) }, this.#addUplink(nic));
      return [{ path, node }, ...(nic.network === undefined ? [] : [{ path: nic.network.path, node }])];
    });
  }

  #addPodNetworks(owner: string, view: LauncherPod): void {
    const placement = this.#addPlacement({ state: 'set', value: view.spec.get('nodeSelector').object() ?? {}, path: [] }, view.spec);
    for (const [index, { interfaceName, namespace, name, network }] of view.vhostUserNetworks.entries()) {
      const nic = this.#builder.node(`${this.#key} network ${index}`, {
        column: 'interface',
        kind: 'interface in the pod',
        name: interfaceName,
        details: [],
        condition: 'sound',
      });
      this.#addChain({ owner, nic, placement, obstacle: undefined }, this.#addNetwork(namespace, name, network));
    }
  }

  #addNetworkAlone(view: Network): Painted {
    const { network: whole, bridge } = this.#addNetwork(view.namespace, view.name, found(view));
    this.#builder.chain([whole, bridge]);
    const host = ovsHostOf(view);
    return { whole, spots: host === undefined ? [] : [{ path: host.getFold('bridge').path, node: bridge }] };
  }

  #addUplink({ multus, source }: Nic): Uplink {
    if (multus !== undefined) return this.#addNetwork(multus.namespace, multus.name, multus.network);
    const note = 'a vhost-user NIC needs a multus network';
    const wire: Wire = { qemu: undefined, ovs: undefined, condition: 'broken', note };
    const network = this.#builder.node(`${this.#key} other network ${source}`, describeOtherNetwork(source));
    return this.#connect(network, this.#addBridge(`other ${network}`, 'no OVS bridge', 'broken'), wire);
  }

  #addNetwork(namespace: string, name: string, lookup: Lookup<Network>): Uplink {
    const key = `network ${namespace}/${name}`;
    const network = this.#builder.node(key, describeNetwork(namespace, name, lookup));
    return this.#connect(network, this.#addBridgeOf(key, lookup), readWire(lookup));
  }

  #addBridgeOf(key: string, lookup: Lookup<Network>): string {
    if (lookup.state !== 'found') return this.#addBridge(`behind ${key}`, 'not known', 'unknown');
    const host = ovsHostOf(lookup.value);
    if (host === undefined) return this.#addBridge(`behind ${key}`, 'no OVS bridge', 'broken');
    const name = host.getFold('bridge').getFold('bridgeName').string() || BRIDGE_DEFAULT;
    return this.#addBridge(`bridge ${name}`, name, 'sound');
  }

  #addBridge(key: string, name: string, condition: Description['condition']): string {
    return this.#builder.node(key, { column: 'bridge', kind: 'OVS bridge', name, details: [], condition });
  }

  #connect(network: string, bridge: string, wire: Wire): Uplink {
    const { condition, note, ovs } = wire;
    const end = ovs === undefined ? {} : { end: { text: `OVS ${ovs}`, at: 'to' as const } };
    this.#builder.edge({ from: network, to: bridge, condition, note, ...end });
    return { network, bridge, wire };
  }

  #addPlacement(nodeSelector: Effective<Readonly<Record<string, unknown>>>, spec: Field): string {
    const { settings, inventory } = this.#context;
    const selected = nodeSelector.state === 'set' ? nodeSelector.value : undefined;
    if (isPlaced(selected, spec.get('affinity'), settings.placement))
      return this.#builder.node('placed', describePlacement(settings.placement, inventory));
    if (nodeSelector.state === 'unknown')
      return this.#builder.node('placement unknown', {
        column: 'placement',
        kind: 'node label',
        name: 'not known',
        details: ['set elsewhere, if at all'],
        condition: 'unknown',
      });
    const details = ['OVS-DPDK label not selected'];
    return this.#builder.node('unplaced', { column: 'placement', kind: 'node label', name: 'any node', details, condition: 'broken' });
  }

  #addChain(
    { owner, nic, placement, obstacle }: { owner: string; nic: string; placement: string; obstacle: string | undefined },
    { network, bridge, wire }: Uplink,
  ): void {
    this.#builder.edge({ from: owner, to: nic, condition: 'sound', note: '' });
    const qemu = obstacle === undefined ? wire.qemu && `QEMU ${wire.qemu}` : 'no socket';
    const condition = obstacle === undefined ? wire.condition : 'broken';
    const end = qemu === undefined ? {} : { end: { text: qemu, at: 'from' as const } };
    this.#builder.edge({ from: nic, to: network, condition, note: obstacle ?? wire.note, ...end });
    this.#builder.edge({ from: bridge, to: placement, condition: 'sound', note: '' });
    this.#builder.chain([owner, nic, network, bridge, placement]);
  }
}

/** Why QEMU makes no vhost-user socket for a NIC. */
function obstacleOf(binding: Binding): string | undefined {
  if (binding.kind === 'fork' || (binding.kind === 'plugin' && binding.isVhostUser)) return undefined;
  const actual = { none: 'the NIC has no binding', core: 'the binding is no plugin', plugin: 'the binding is not vhost-user' };
  return `QEMU makes no vhost-user socket: ${actual[binding.kind]}`;
}
