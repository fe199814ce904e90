import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './walls.ts';

/** An object of deploy/, as `kubectl apply -k` would send it. */
export interface Deployed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

export const OVERLAYS = ['default', 'cert-manager', 'openshift'] as const;

const HAS_KUBECTL = spawnSync('kubectl', ['version', '--client']).status === 0;

/** `describe` where kubectl is there; without it, skipped tests whose name says why. */
export function describeDeployed(name: string, body: () => void): void {
  if (HAS_KUBECTL) describe(name, body);
  else describe.skip(`${name} (NOT TESTED: there is no kubectl)`, body);
}

/** What `kubectl kustomize` makes of a directory, named from deploy/ on. */
export function kustomized(directory: string): Deployed[] {
  if (!HAS_KUBECTL) return [];
  const text = execFileSync('kubectl', ['kustomize', resolve(ROOT, 'deploy', directory)], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as Deployed);
}

/** The one object of that kind and name. */
export function deployed(objects: readonly Deployed[], kind: string, name: string): Deployed {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects are ${kind} "${name}"`);
  return only;
}
