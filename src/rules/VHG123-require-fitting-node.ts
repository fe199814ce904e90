import { quote } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import type { Settings } from '../core/settings.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { EffectiveMachine } from '../kube/effective.ts';
import { HOST_CONDITION } from '../kube/host-fault.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { Node } from '../kube/node.ts';
import { parseQuantity } from '../kube/quantity.ts';
import type { Workload } from '../kube/workload.ts';
import { coverage, type Demand, describeFault, describeFit, fits, isCandidate } from './node-fit.ts';

/** The sizes that nodes have; about any other VHG102 speaks. */
const PAGE_SIZES = ['1Gi', '2Mi'];

/** More rows than this nobody reads in a message. */
const MOST_ROWS = 5;

export const requireFittingNode = defineRule({
  meta: {
    id: 'VHG123',
    name: 'require-fitting-node',
    title: 'Require an OVS-DPDK node that is large enough for the VM, and ready',
    why: `Hugepages and dedicated CPUs are reserved whole: a VM that asks for more than any OVS-DPDK node has is never scheduled, and shows
nothing but \`Scheduling\`. Hugepages of one size do not stand in for those of the other, and \`isolateEmulatorThread\` takes one CPU more
than the guest sees. The message lists what the nodes would have if they were empty, the best first. Where a host agent runs, it says by
the condition \`VhostUserReady\` of its Node whether OVS there can serve a VM: on nodes where it is False a VM starts and passes no packet.`,
    remedy:
      "Lower the guest's memory or CPUs to what the message shows, reserve more hugepages on a node, or label a node that has them (setting `placement`). Of a node that is not ready, `kubectl describe node` says what fails there.",
    severity: 'warning',
    targets: ['workload'],
    needs: ['nodes', 'catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/',
      'https://kubevirt.io/user-guide/compute/dedicated_cpu_resources/',
    ],
    falsePositives:
      'A node that an autoscaler would add for the VM is not known, and neither is what other pods take from the nodes there are.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          guest: 8Gi\n',
      bad: '          guest: 80Gi\n',
    },
  },
  *check(workload, { inventory, settings: { placement } }) {
    yield* judgeHome(workload, inventory);
    const { machine } = workload;
    const demand = demandOf(machine);
    const { nodeSelector, pageSize } = machine;
    if (demand === undefined || nodeSelector.state === 'unknown') return;
    const nodes = inventory.nodes();
    if (nodes.state === 'unknown') yield { path: pageSize.path, unknown: nodes.reason };
    if (nodes.state !== 'found') return;
    const selector = nodeSelector.state === 'set' ? nodeSelector.value : {};
    const isFitting = (node: Node): boolean => isCandidate(node, selector, placement) && fits(node, demand);
    // A node of which nobody says anything may well be ready.
    if (nodes.value.some((node) => node.fault === undefined && isFitting(node))) return;
    const faulty = nodes.value.filter(isFitting);
    if (faulty.length > 0) return yield { path: nodeSelector.path, message: describeFaults(faulty) };
    const labelled = nodes.value.filter((node) => isCandidate(node, {}, placement));
    const candidates = labelled.filter((node) => isCandidate(node, selector, placement));
    if (candidates.length > 0) yield { path: scarcePath(machine, candidates, demand), message: fitTable(candidates, demand) };
    else yield { path: nodeSelector.path, message: describeMismatch(labelled.length > 0, placement) };
  },
});

/** A VM that runs passes no packet where OVS does not, however many other nodes there are. */
function* judgeHome({ kind, root }: Workload, inventory: Inventory): Iterable<Violation> {
  if (kind !== 'VirtualMachineInstance') return;
  const home = root.get('status').get('nodeName');
  const nodes = home.isSet ? inventory.nodes() : undefined;
  const node = nodes?.state === 'found' ? nodes.value.find(({ name }) => name === home.value) : undefined;
  if (node?.fault === undefined) return;
  const where = describeFault(node.name, node.fault);
  yield { path: home.path, message: `this VM is on a node that is not ready for it (condition ${HOST_CONDITION}), so mend ${where}` };
}

function describeFaults(nodes: readonly Node[]): string {
  const rows = nodes.flatMap(({ name, fault }) => (fault === undefined ? [] : describeFault(name, fault))).slice(0, MOST_ROWS);
  const which = `no OVS-DPDK node that is large enough for this VM is ready (condition ${HOST_CONDITION})`;
  return `${which}, so mend one: ${rows.join('; ')}${more(nodes)}`;
}

/** Without any node there is nothing to compare sizes with. */
function describeMismatch(isLabelled: boolean, { label, value }: Settings['placement']): string {
  if (isLabelled) return "no schedulable OVS-DPDK node has all labels of the VM's nodeSelector: relax it, or label a node";
  return `no schedulable node has the label ${quote(label)}: ${quote(value)}: label the nodes that run OVS-DPDK`;
}

/** Where to change the VM: at its memory, unless a node lacks nothing but CPUs. */
function scarcePath({ guestMemory, vcpus }: EffectiveMachine, nodes: readonly Node[], demand: Demand): Path {
  const memory: Demand = new Map([...demand].filter(([resource]) => resource !== 'cpu'));
  return nodes.some((node) => fits(node, memory)) ? vcpus.path : guestMemory.path;
}

function fitTable(nodes: readonly Node[], demand: Demand): string {
  const best = nodes.toSorted((left, right) => coverage(right, demand) - coverage(left, demand));
  const rows = best.slice(0, MOST_ROWS).map((node) => describeFit(node, demand));
  return `no OVS-DPDK node is large enough for this VM, so lower its memory or CPUs: ${rows.join('; ')}${more(best)}`;
}

function more(all: readonly unknown[]): string {
  return all.length > MOST_ROWS ? `; and ${all.length - MOST_ROWS} more` : '';
}

/** What the VM reserves; `undefined` while it asks for no hugepages or a part of it is not known. */
function demandOf(machine: EffectiveMachine): Demand | undefined {
  const { pageSize, guestMemory, vcpus, isCpuDedicated, isEmulatorThreadIsolated } = machine;
  if (pageSize.state !== 'set' || guestMemory.state !== 'set' || vcpus.state !== 'set' || isCpuDedicated.state === 'unknown')
    return undefined;
  const memoryBytes = parseQuantity(guestMemory.value);
  if (memoryBytes === undefined || !PAGE_SIZES.includes(pageSize.value)) return undefined;
  const demand = new Map([[`hugepages-${pageSize.value}`, memoryBytes]]);
  if (isCpuDedicated.state === 'set' && isCpuDedicated.value) {
    const isIsolated = isEmulatorThreadIsolated.state === 'set' && isEmulatorThreadIsolated.value;
    demand.set('cpu', BigInt(vcpus.value) + (isIsolated ? 1n : 0n));
  }
  return demand;
}
