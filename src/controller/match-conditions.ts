import type { Settings } from '../core/settings.ts';
import { KUBEVIRT_USERNAMES } from '../kube/kubevirt-accounts.ts';
import { LAST_APPLIED, TEMPLATE_PATHS } from '../kube/workload.ts';

/** One entry of a webhook's `matchConditions`: an expression in CEL that must be true for the webhook to be called. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** The conditions of the three webhooks. */
export interface MatchConditions {
  readonly mutate: readonly MatchCondition[];
  readonly strict: readonly MatchCondition[];
  readonly lenient: readonly MatchCondition[];
}

/**
 * Lets the API server call us for objects that may have a vhost-user NIC, and for nothing else. An error in an expression counts as
 * a failure of the webhook, which under failurePolicy Fail denies a plain VM: so every step of a path is guarded by `has()`, and the
 * schema of the CustomResourceDefinition, which is checked before validating webhooks run, vouches for the types.
 *
 * | object                                                    | strict (Fail) | lenient (Ignore) |
 * |-----------------------------------------------------------|---------------|------------------|
 * | says vhost-user itself, and is new or has a new `spec`     | called        |                  |
 * | says vhost-user itself, same `spec`: labels, finalizers    |               | called           |
 * | had `vhostuser: {}` before the API server dropped it       |               | called           |
 * | has a Multus NIC or another binding, or is a launcher pod  |               | called           |
 * | UPDATE by KubeVirt's own components                        |               |                  |
 * | all else                                                   |               |                  |
 */
export function matchConditions({ bindings }: Pick<Settings, 'bindings'>): MatchConditions {
  const saysSo = anyOf([...SPECS.map((spec) => hasVhostUserNic(spec, bindings)), HAS_USERSPACE_PLUGIN]);
  const maybe = {
    name: 'may-be-vhost-user',
    expression: anyOf([...SPECS.flatMap(mayHaveVhostUserNic), WAS_PRUNED, MENTIONS_US, IS_LAUNCHER_POD]),
  };
  return {
    mutate: [NOT_BY_KUBEVIRT, maybe],
    strict: [NOT_BY_KUBEVIRT, { name: 'says-vhost-user', expression: saysSo }, { name: 'new-or-other-spec', expression: HAS_NEW_SPEC }],
    lenient: [NOT_BY_KUBEVIRT, maybe, { name: 'not-strict', expression: `!((${saysSo}) && (${HAS_NEW_SPEC}))` }],
  };
}

/** Where kinds that run VMs have their VMI spec. */
const SPECS = TEMPLATE_PATHS.map((path) => ['object', ...path, 'spec'].join('.'));

const NOT_BY_KUBEVIRT: MatchCondition = {
  name: 'not-by-kubevirt',
  expression: `request.operation != "UPDATE" || !(request.userInfo.username in ${JSON.stringify([...KUBEVIRT_USERNAMES])})`,
};

const HAS_NEW_SPEC = 'request.operation != "UPDATE" || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec';

/** As JSON writes it; `readNetwork` ignores the case of keys too. */
const HAS_USERSPACE_PLUGIN = guarded('object.spec.config', (config) => `${config}.matches(r'"(?i:type)"\\s*:\\s*"userspace"')`);

/** An escaped letter may hide the word. */
const MENTIONS_US = guarded('object.spec.config', (config) => `${config}.matches(r'(?i)userspace|vhost-?user|\\\\u00')`);

const WAS_PRUNED = guarded(
  'object.metadata.annotations',
  (annotations) => `"${LAST_APPLIED}" in ${annotations} && ${annotations}["${LAST_APPLIED}"].contains(r'"vhostuser"')`,
);

const IS_LAUNCHER_POD = [
  guarded('object.metadata.labels', (labels) => `"kubevirt.io" in ${labels} && ${labels}["kubevirt.io"] == "virt-launcher"`),
  guarded('object.metadata.annotations', (annotations) => `"k8s.v1.cni.cncf.io/networks" in ${annotations}`),
].join(' && ');

function hasVhostUserNic(spec: string, bindings: readonly string[]): string {
  const isNamed = `has(i.binding) && has(i.binding.name) && i.binding.name in ${JSON.stringify(bindings)}`;
  return guarded(`${spec}.domain.devices.interfaces`, (interfaces) => `${interfaces}.exists(i, has(i.vhostuser) || ${isNamed})`);
}

function mayHaveVhostUserNic(spec: string): string[] {
  return [
    guarded(`${spec}.domain.devices.interfaces`, (interfaces) => `${interfaces}.exists(i, has(i.vhostuser) || has(i.binding))`),
    guarded(`${spec}.networks`, (networks) => `${networks}.exists(n, has(n.multus))`),
  ];
}

/** An expression of a path that is false where one of the path's fields is not set. `object` itself is always set. */
function guarded(path: string, expression: (path: string) => string): string {
  const keys = path.split('.');
  const prefixes = keys.slice(1).map((_, index) => keys.slice(0, index + 2).join('.'));
  return [...prefixes.map((prefix) => `has(${prefix})`), expression(path)].join(' && ');
}

function anyOf(expressions: readonly string[]): string {
  return expressions.map((expression) => `(${expression})`).join(' || ');
}
