import { Field } from '../core/field.ts';
import type { JsonObject } from '../core/json.ts';
import { type HostFault, readHostFault } from './host-fault.ts';
import { parseQuantity } from './quantity.ts';

/** What rules read of a Node. */
export interface Node {
  readonly name: string;
  readonly labels: JsonObject;
  readonly isSchedulable: boolean;
  /** Allocatable amounts in whole units (bytes, CPUs), by resource name such as `hugepages-1Gi`. */
  readonly allocatable: ReadonlyMap<string, bigint>;
  /** Why no VM can pass packets there, when its host agent says so. */
  readonly fault: HostFault | undefined;
}

export function readNode(object: JsonObject): Node {
  const root = Field.root(object, []);
  const allocatable = new Map<string, bigint>();
  const amounts = root.get('status').get('allocatable');
  for (const resource of Object.keys(amounts.object() ?? {})) {
    const amount = parseQuantity(amounts.get(resource).quantity() ?? '');
    if (amount !== undefined) allocatable.set(resource, amount);
  }
  return {
    name: root.get('metadata').get('name').string() ?? '',
    labels: root.get('metadata').get('labels').object() ?? {},
    isSchedulable: root.get('spec').get('unschedulable').boolean() !== true,
    allocatable,
    fault: readHostFault(root),
  };
}
