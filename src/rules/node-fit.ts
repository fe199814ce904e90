import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import type { HostFault } from '../kube/host-fault.ts';
import type { Node } from '../kube/node.ts';

/** What a VM takes from its node, in whole units (bytes, CPUs) by resource name such as `hugepages-1Gi`. */
export type Demand = ReadonlyMap<string, bigint>;

/** True for a schedulable node with the placement label and with every label that the VM's nodeSelector asks for. */
export function isCandidate(node: Node, selector: JsonObject, { label, value }: Settings['placement']): boolean {
  if (!node.isSchedulable || !hasLabel(node, label, value)) return false;
  return Object.keys(selector).every((key) => key === label || hasLabel(node, key, selector[key]));
}

function hasLabel({ labels }: Node, key: string, value: unknown): boolean {
  return Object.hasOwn(labels, key) && labels[key] === value;
}

/** True when the node has all of it, were it empty. */
export function fits(node: Node, demand: Demand): boolean {
  return [...demand].every(([resource, amount]) => available(node, resource) >= amount);
}

/** How much of the demand the node covers, by its scarcest resource: 0 nothing, 1 all. */
export function coverage(node: Node, demand: Demand): number {
  const shares = [...demand].map(([resource, amount]) => Number(available(node, resource)) / Math.max(1, Number(amount)));
  return Math.min(1, ...shares);
}

/** One row of the fit table: `worker-0: 4Gi of 8Gi hugepages-1Gi, 40 of 8 CPUs`. */
export function describeFit(node: Node, demand: Demand): string {
  const columns = [...demand].map(([resource, amount]) => {
    const has = available(node, resource);
    return resource === 'cpu' ? `${has} of ${amount} CPUs` : `${formatBytes(has)} of ${formatBytes(amount)} ${resource}`;
  });
  return `${node.name}: ${columns.join(', ')}`;
}

/** Why no VM passes packets on a node: `worker-0: RequireRunningOvs (VHG510)`. */
export function describeFault(name: string, { reason, rules }: HostFault): string {
  return `${name}: ${reason}${rules.length === 0 ? '' : ` (${rules.join(', ')})`}`;
}

function available(node: Node, resource: string): bigint {
  return node.allocatable.get(resource) ?? 0n;
}

const UNITS = [
  ['Gi', 2n ** 30n],
  ['Mi', 2n ** 20n],
  ['Ki', 2n ** 10n],
] as const;

/** A byte count in the largest binary unit that holds it exactly: `8Gi`, `1536Mi`, `100`. */
function formatBytes(bytes: bigint): string {
  const unit = UNITS.find(([, size]) => bytes >= size && bytes % size === 0n);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
