import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import type { FakeResource } from './resource.ts';
import type { Refusal } from './status.ts';

/** An object as its CustomResourceDefinition lets it be kept, or why it does not. */
export type Conformed = { readonly object: JsonObject } | { readonly refusal: Refusal };

const OWN_MEMBERS = ['apiVersion', 'kind', 'metadata'];

/** Drops what the schema of a resource does not know, and fills in its defaults, as the API server does with whatever it decodes. */
export function pruned({ schema }: FakeResource, object: JsonObject): JsonObject {
  if (schema === undefined) return object;
  const own = Object.fromEntries(OWN_MEMBERS.map((key) => [key, object[key]]));
  return { ...(shaped(schema, structuredClone(object)) as JsonObject), ...own };
}

/** Prunes an object and judges it by the schema, as the API server does after mutating webhooks and before validating ones. */
export function conform(resource: FakeResource, object: JsonObject): Conformed {
  const { schema, plural, group } = resource;
  if (schema === undefined) return { object };
  const kept = pruned(resource, object);
  const validate = validatorOf(schema);
  if (validate(kept)) return { object: kept };
  const faults = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath.slice(1).replaceAll('/', '.')}: ${message}`);
  const name = isObject(object['metadata']) ? String(object['metadata']['name']) : '';
  return { refusal: { code: 422, message: `${plural}.${group} "${name}" is invalid: ${faults.join(', ')}` } };
}

const validators = new WeakMap<JsonObject, ValidateFunction>();

function validatorOf(schema: JsonObject): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const validator = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validator);
  return validator;
}

function shaped(schema: unknown, value: unknown): unknown {
  if (!isObject(schema)) return value;
  if (Array.isArray(value)) return value.map((item) => shaped(schema['items'], item));
  if (!isObject(value)) return value;
  const { properties, additionalProperties } = schema;
  const known = isObject(properties) ? properties : {};
  const keepsAll =
    schema['x-kubernetes-preserve-unknown-fields'] === true || isObject(additionalProperties) || additionalProperties === true;
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (Object.hasOwn(known, key)) kept[key] = shaped(known[key], member);
    else if (keepsAll) kept[key] = shaped(additionalProperties, member);
  }
  for (const [key, member] of Object.entries(known))
    if (kept[key] === undefined && isObject(member) && member['default'] !== undefined) kept[key] = structuredClone(member['default']);
  return kept;
}
