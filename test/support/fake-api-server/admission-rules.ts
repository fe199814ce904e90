import { isObject, type JsonObject } from '../../../src/core/json.ts';
import { valueAt } from '../../../src/core/path.ts';
import type { Write } from './admission.ts';

type Labels = Readonly<Record<string, unknown>>;

/** True where rules and selectors of a webhook match a write; `matchConditions` come later. Webhook configurations themselves are exempt. */
export function isCalledFor(webhook: JsonObject, write: Write, namespaceLabels: Labels): boolean {
  if (write.resource.group === 'admissionregistration.k8s.io') return false;
  if (!objectsIn(webhook['rules']).some((rule) => isRuleFor(rule, write))) return false;
  if (write.resource.namespaced && !isSelected(webhook['namespaceSelector'], namespaceLabels)) return false;
  const labelSets = [write.object, write.oldObject].map((object) => valueAt(object, ['metadata', 'labels']));
  return labelSets.some((labels) => isSelected(webhook['objectSelector'], isObject(labels) ? labels : {}));
}

function isRuleFor(rule: JsonObject, { request, resource }: Write): boolean {
  const has = (key: string, value: string): boolean => {
    const list = rule[key];
    return Array.isArray(list) && (list.includes('*') || list.includes(value));
  };
  const path = request.subresource === '' ? resource.plural : `${resource.plural}/${request.subresource}`;
  const operation = request.verb === 'create' ? 'CREATE' : 'UPDATE';
  return has('operations', operation) && has('apiGroups', resource.group) && has('apiVersions', resource.version) && has('resources', path);
}

function isSelected(selector: unknown, labels: Labels): boolean {
  if (!isObject(selector)) return true;
  const { matchLabels } = selector;
  const wanted = isObject(matchLabels) ? Object.entries(matchLabels) : [];
  return (
    wanted.every(([key, value]) => labels[key] === value) && objectsIn(selector['matchExpressions']).every((each) => holds(each, labels))
  );
}

function holds({ key, operator, values }: JsonObject, labels: Labels): boolean {
  const isThere = Object.hasOwn(labels, String(key));
  const isListed = isThere && Array.isArray(values) && values.includes(labels[String(key)]);
  if (operator === 'In') return isListed;
  if (operator === 'NotIn') return !isListed;
  return operator === 'Exists' ? isThere : !isThere;
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
