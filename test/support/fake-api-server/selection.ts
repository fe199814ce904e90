import { isObject } from '../../../src/core/json.ts';
import type { ApiRequest } from './route.ts';
import type { Stored } from './store.ts';

/** Which objects a list or watch is about: those of its namespace, `labelSelector` and `fieldSelector` (`=`, `==`, `!=` and bare keys). */
export function selectionOf({ namespace, query }: ApiRequest): (object: Stored) => boolean {
  const labels = requirementsOf(query.get('labelSelector'));
  const fields = requirementsOf(query.get('fieldSelector'));
  return (object) => {
    if (namespace !== '' && object.metadata.namespace !== namespace) return false;
    const given = isObject(object.metadata['labels']) ? object.metadata['labels'] : {};
    return labels.every((each) => each(given)) && fields.every((each) => each(fieldsOf(object)));
  };
}

function fieldsOf({ metadata }: Stored): Readonly<Record<string, unknown>> {
  return { 'metadata.name': metadata.name, 'metadata.namespace': metadata.namespace ?? '' };
}

type Requirement = (values: Readonly<Record<string, unknown>>) => boolean;

function requirementsOf(selector: string | null): Requirement[] {
  return (selector ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, key = '', operator, value] = /^([^=!]+)(==|=|!=)?(.*)$/.exec(part) ?? [];
      if (operator === undefined) return (values) => Object.hasOwn(values, key);
      return (values) => (values[key] === value) === (operator !== '!=');
    });
}
