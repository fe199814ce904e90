import type { Field } from '../core/field.ts';
import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';

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
