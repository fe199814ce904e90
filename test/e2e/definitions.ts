import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../src/core/json.ts';
import { readDefinitions } from '../support/fake-api-server/definitions.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from './crds.ts';

const REPORTS = fileURLToPath(new URL('../data/crds/', import.meta.url));

/** The CustomResourceDefinitions of a run. */
export interface DefinitionsOfRun {
  readonly definitions: readonly JsonObject[];
  /** Where they were read: a file or directory. */
  readonly path?: string;
}

/** Those of `$VHOSTGUARD_E2E_CRDS`, or else the ones that are written here. @throws Error when there are none */
export function definitionsOfRun(): DefinitionsOfRun {
  const { VHOSTGUARD_E2E_CRDS: path = '' } = process.env;
  if (path === '') return { definitions: [...CUSTOM_RESOURCE_DEFINITIONS, ...readDefinitions(REPORTS)] };
  const definitions = readDefinitions(path);
  if (definitions.length === 0) throw new Error(`$VHOSTGUARD_E2E_CRDS, ${path}, holds no CustomResourceDefinition`);
  return { definitions, path };
}
