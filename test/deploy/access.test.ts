import { expect, test } from 'vitest';
import { RESOURCES, type Resource } from '../../src/cluster/resources.ts';
import { REPORT_APIS } from '../../src/controller/report-wanted.ts';
import { SCANNED } from '../../src/controller/scan-subjects.ts';
import { SECRETS } from '../../src/controller/secret-store.ts';
import { CONFIGURATION_NAME } from '../../src/controller/webhook-configurations.ts';
import type { Inventory } from '../../src/kube/inventory.ts';
import { RULES } from '../../src/rules/index.ts';
import { describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { type Permission, permissionsOf, sorted } from '../support/permissions.ts';

/** The kinds that answer what a rule says it needs. */
const KINDS: Readonly<Record<keyof Inventory, RegExp>> = {
  networkAttachmentDefinition: /^NetworkAttachmentDefinition$/,
  catalogue: /^VirtualMachine(Cluster)?(Instancetype|Preference)$/,
  controllerRevision: /^ControllerRevision$/,
  kubeVirt: /^KubeVirt$/,
  nodes: /^Node$/,
  namespaceLabels: /^Namespace$/,
};

const NEEDS = [...new Set(RULES.flatMap(({ meta }) => meta.needs))];

/** What the rules look up, by what they say of themselves. */
const LOOKED_UP = RESOURCES.filter(({ kind }) => NEEDS.some((need) => KINDS[need].test(kind)));

function may(
  verbs: readonly string[],
  { group, plural }: Pick<Resource, 'group' | 'plural'>,
  where: Partial<Permission> = {},
): Permission[] {
  return verbs.map((verb) => ({ verb, group, plural, ...where }));
}

const FOLLOWED = (resources: readonly Resource[]): Permission[] => resources.flatMap((resource) => may(['list', 'watch'], resource));

const secrets = { group: '', plural: 'secrets' };
const configurations = ['mutating', 'validating'].map((word) => ({
  group: 'admissionregistration.k8s.io',
  plural: `${word}webhookconfigurations`,
}));
const own = { namespace: 'vhostguard' };

const CONTROLLER: readonly Permission[] = [
  ...FOLLOWED([...LOOKED_UP, ...SCANNED]),
  ...SCANNED.flatMap((resource) => may(['get'], resource)),
  ...Object.values(REPORT_APIS).flatMap(({ resource }) => may(['list', 'get', 'create', 'update', 'delete'], resource)),
  ...may(['get', 'create', 'update'], { group: '', plural: 'events' }),
  ...configurations.flatMap((resource) => [
    ...may(['create'], resource),
    ...may(['get', 'update'], resource, { name: CONFIGURATION_NAME }),
  ]),
  ...may(['get'], { group: 'rbac.authorization.k8s.io', plural: 'clusterroles' }, { name: 'vhostguard-controller' }),
];

/** Where cert-manager keeps certificates, the controller may not even read them. */
const CERTIFICATES: readonly Permission[] = [
  ...may(['create'], secrets, own),
  ...Object.values(SECRETS).flatMap((name) => may(['get', 'update'], secrets, { ...own, name })),
];

/** There nobody may change the owner of what they may not delete. */
const OWNER = configurations.flatMap((resource) => may(['delete'], resource, { name: CONFIGURATION_NAME }));

for (const overlay of OVERLAYS) {
  describeDeployed(`the permissions in deploy/overlays/${overlay}`, () => {
    const objects = kustomized(`overlays/${overlay}`);

    test('let the webhook follow what rules look up, and nothing else', () => {
      expect(LOOKED_UP).toEqual(RESOURCES);
      expect(permissionsOf(objects, 'vhostguard-webhook')).toEqual(sorted(FOLLOWED(LOOKED_UP)));
    });

    test('let the controller follow, scan and write what it keeps, and nothing else', () => {
      expect(permissionsOf(objects, 'vhostguard-controller')).toEqual(
        sorted([...CONTROLLER, ...(overlay === 'cert-manager' ? [] : CERTIFICATES), ...(overlay === 'openshift' ? OWNER : [])]),
      );
    });

    test('are bound to the two service accounts alone', () => {
      const subjects = objects.flatMap(({ kind, ...binding }) =>
        kind.endsWith('RoleBinding') ? (binding['subjects'] as { name: string }[]).map(({ name }) => name) : [],
      );
      expect(new Set(subjects)).toEqual(new Set(['vhostguard-webhook', 'vhostguard-controller']));
    });
  });
}
