import type { Field } from '../core/field.ts';
import { isObject, type JsonObject, quote } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import type { Violation } from '../engine/finding.ts';

/**
 * True when a pod spec can only be scheduled onto nodes with the placement label: by its nodeSelector, or by required node
 * affinity in every term, since the scheduler takes any one of them.
 *
 * @param nodeSelector the effective one, which an instancetype may supply.
 */
export function isPlaced(nodeSelector: JsonObject | undefined, affinity: Field, { label, value }: Settings['placement']): boolean {
  if (nodeSelector !== undefined && Object.hasOwn(nodeSelector, label) && nodeSelector[label] === value) return true;
  const required = affinity.get('nodeAffinity').get('requiredDuringSchedulingIgnoredDuringExecution');
  const terms = required.get('nodeSelectorTerms').items();
  return (
    terms.length > 0 &&
    terms.every((term) =>
      term
        .get('matchExpressions')
        .items()
        .some((expression) => selects(expression, label, value)),
    )
  );
}

function selects(expression: Field, label: string, value: string): boolean {
  if (expression.get('key').value !== label) return false;
  const operator = expression.get('operator').value;
  if (operator === 'Exists') return true;
  const values = expression.get('values').items();
  return operator === 'In' && values.length > 0 && values.every((item) => item.value === value);
}

/** `nodeSelector "label": "value"`, for messages. */
export function describePlacement({ label, value }: Settings['placement']): string {
  return `nodeSelector ${quote(label)}: ${quote(value)}`;
}

/**
 * The violation of a nodeSelector without the placement label. One that is set to another value is left to the user, and one that
 * is no mapping to VHG100.
 *
 * @param what "VM" or "pod".
 */
export function* demandPlacement(what: string, selector: Field, placement: Settings['placement']): Iterable<Violation> {
  if (selector.isSet && !isObject(selector.value)) {
    selector.reject('a mapping');
    return;
  }
  const wanted = describePlacement(placement);
  const message = `the ${what} may be scheduled onto a node without OVS-DPDK: set ${wanted}`;
  const other = selector.get(placement.label);
  if (other.isSet) {
    yield { path: other.path, message: `${message} (it is ${quote(other.value)}, which no such node has)` };
    return;
  }
  const edit = { op: 'set', path: [...selector.path, placement.label], value: placement.value } as const;
  yield { path: selector.path, message, fix: { title: `add ${wanted}`, safety: 'safe', edits: [edit] } };
}
