import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import type { Deployed } from './kustomized.ts';

/** A Deployment of deploy/ with what tests look at. */
export interface DeployedWorkload {
  readonly name: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly podSpec: V1PodSpec;
  readonly deployment: V1Deployment;
}

/** All Deployments, by name. */
export function workloadsOf(objects: readonly Deployed[]): DeployedWorkload[] {
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => {
      const deployment = object as unknown as V1Deployment;
      const { metadata, spec } = deployment.spec?.template ?? {};
      if (spec === undefined) throw new Error(`Deployment "${object.metadata.name}" has no pod spec`);
      return { name: object.metadata.name, podLabels: metadata?.labels ?? {}, podSpec: spec, deployment };
    });
}

/** The names of the Deployments whose pods a selector of labels picks. */
export function selectedBy(selector: Readonly<Record<string, string>> | undefined, workloads: readonly DeployedWorkload[]): string[] {
  const wanted = Object.entries(selector ?? {});
  return workloads.filter(({ podLabels }) => wanted.every(([key, value]) => podLabels[key] === value)).map(({ name }) => name);
}
