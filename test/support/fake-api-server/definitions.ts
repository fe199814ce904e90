import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import type { FakeResource } from './resource.ts';

interface Definition extends JsonObject {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: JsonObject };
      readonly subresources?: { readonly status?: object; readonly scale?: { readonly specReplicasPath: string } };
    }[];
  };
}

/** What CustomResourceDefinitions have served: of each the version that is stored. */
export function resourcesOf(definitions: readonly JsonObject[]): FakeResource[] {
  return (definitions as readonly Definition[]).flatMap(({ spec: { group, scope, names, versions } }) =>
    versions
      .filter(({ storage }) => storage)
      .map(({ name, schema, subresources = {} }) => ({
        group,
        version: name,
        plural: names.plural,
        kind: names.kind,
        namespaced: scope === 'Namespaced',
        schema: schema.openAPIV3Schema,
        hasStatus: subresources.status !== undefined,
        ...(subresources.scale !== undefined && { replicasPath: subresources.scale.specReplicasPath.slice(1).split('.') }),
      })),
  );
}

/** The CustomResourceDefinitions in a file, or in the files of a directory. */
export function readDefinitions(path: string): JsonObject[] {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const documents = files.flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')).map((each): unknown => each.toJS()));
  const objects = documents.flatMap((each) => (isObject(each) && Array.isArray(each['items']) ? each['items'] : [each]));
  return objects.filter(isObject).filter(({ kind }) => kind === 'CustomResourceDefinition');
}
