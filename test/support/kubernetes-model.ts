import * as client from '@kubernetes/client-node';
import { isObject } from '../../src/core/json.ts';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

interface Model {
  getAttributeTypeMap(): readonly Attribute[];
}

const MODELS = client as unknown as Readonly<Record<string, Model | undefined>>;

/**
 * The members of an object that its type in the Kubernetes API does not have, as paths. An API server drops them without a word, so that
 * a misspelt `readOnlyRootFilesystem` would be none.
 */
export function unknownMembers(value: unknown, type: string, path = ''): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, index) => unknownMembers(item, list, `${path}[${index}]`));
  }
  const attributes = MODELS[type]?.getAttributeTypeMap?.();
  if (attributes === undefined) return [];
  if (!isObject(value)) return [`${path} is no object`];
  return Object.entries(value).flatMap(([key, member]) => {
    const attribute = attributes.find(({ baseName }) => baseName === key);
    return attribute === undefined ? [`${path}.${key}`] : unknownMembers(member, attribute.type, `${path}.${key}`);
  });
}

/** The name of the type of a built-in kind, such as `V1Deployment`; `undefined` for what a CustomResourceDefinition brings. */
export function modelOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string | undefined {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  const version = apiVersion.split('/').at(-1) ?? '';
  const name = `${version.slice(0, 1).toUpperCase()}${version.slice(1)}${kind}`;
  const isBuiltIn = group === '' || !group?.includes('.') || group.endsWith('.k8s.io');
  return isBuiltIn && name in MODELS ? name : undefined;
}
