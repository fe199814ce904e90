import type { V1ClusterRole, V1PolicyRule, V1RoleBinding } from '@kubernetes/client-node';
import type { Deployed } from './kustomized.ts';

/** A right that RBAC gives. */
export interface Permission {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
  /** Of the one object that it is for; all when empty. */
  readonly name?: string;
  /** Of the one namespace that it is for; all when empty. */
  readonly namespace?: string;
}

/** A permission in one line, such as `get secrets vhostguard-webhook-tls in vhostguard`. */
export function describePermission({ verb, group, plural, name = '', namespace = '' }: Permission): string {
  const resource = group === '' ? plural : `${plural}.${group}`;
  return [verb, resource, name, namespace && `in ${namespace}`].filter((word) => word !== '').join(' ');
}

/** All that roles in deploy/ give a service account, each in one line, sorted, once. */
export function permissionsOf(objects: readonly Deployed[], account: string): string[] {
  const bindings = objects.filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind)) as unknown as readonly V1RoleBinding[];
  const given = bindings
    .filter(({ subjects = [] }) => subjects.some(({ kind, name }) => kind === 'ServiceAccount' && name === account))
    .flatMap(({ roleRef, metadata }) => {
      const role = objects.find(({ kind, metadata: { name } }) => kind === roleRef.kind && name === roleRef.name);
      if (role === undefined) throw new Error(`there is no ${roleRef.kind} "${roleRef.name}"`);
      const { rules = [] } = role as unknown as V1ClusterRole;
      return rules.flatMap((rule) => permissionsIn(rule, metadata?.namespace ?? ''));
    });
  return sorted(given);
}

/** Permissions in one line each, sorted, once. */
export function sorted(permissions: readonly Permission[]): string[] {
  return [...new Set(permissions.map(describePermission))].sort();
}

function permissionsIn({ apiGroups = [], resources = [], resourceNames = [''], verbs }: V1PolicyRule, namespace: string): Permission[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((plural) => resourceNames.flatMap((name) => verbs.map((verb) => ({ verb, group, plural, name, namespace })))),
  );
}
