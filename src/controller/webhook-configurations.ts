import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import type { RuleMeta } from '../engine/rule.ts';
import { type GroupKind, KINDS_OF_TARGET, type ViewTarget } from '../kube/view.ts';
import { type MatchCondition, matchConditions } from './match-conditions.ts';

/** Where the API server finds the webhooks. */
export type WebhookTarget =
  | { readonly at: 'service'; readonly namespace: string; readonly name: string; readonly port: number }
  /** `url` has no path. */
  | { readonly at: 'url'; readonly url: string };

export interface WebhookConfigurationOptions {
  readonly target: WebhookTarget;
  /** Certificates in PEM, one after the other; absent where somebody else puts them in. */
  readonly caBundle?: string | undefined;
  /** The rules that are in force. */
  readonly rules: readonly Pick<RuleMeta, 'targets' | 'fix'>[];
  readonly settings: Pick<Settings, 'bindings' | 'namespaces'>;
  /** Added to those of both objects. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Owners whose deletion removes both objects. */
  readonly ownerReferences?: readonly JsonObject[];
}

/** An object of admissionregistration.k8s.io/v1, every field set that the API server would set. */
export interface WebhookConfiguration extends JsonObject {
  readonly kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly JsonObject[];
  };
  readonly webhooks: readonly JsonObject[];
}

/** The name of both configurations. */
export const CONFIGURATION_NAME = 'vhostguard';

/** The label that tells which configurations may be changed and removed, and its value. */
export const OWNERSHIP = { label: 'app.kubernetes.io/managed-by', value: 'vhostguard-controller' } as const;

const TIMEOUT_SECONDS = 5;

/** Targets whose objects pass through admission. */
const ADMITTED: readonly ViewTarget[] = ['workload', 'preset', 'network', 'pod'];

/** Their specification cannot be changed by a user any more: a repair on UPDATE would only make the update fail. */
const UNREPAIRABLE_LATER = ['Pod', 'VirtualMachineInstance'];

/** Of a pod nothing can be changed that rules look at. */
const JUDGED_ONCE = ['Pod'];

/**
 * The mutating and the validating webhook configuration, made from what the rules say of themselves. Both let pass what has no
 * vhost-user NIC, `kube-system`, the webhooks' own namespace and the excluded ones.
 */
export function webhookConfigurations(options: WebhookConfigurationOptions): readonly [WebhookConfiguration, WebhookConfiguration] {
  const { rules, settings } = options;
  const conditions = matchConditions(settings);
  const webhook = (name: string, path: string, failurePolicy: string, conditions: readonly MatchCondition[], kinds: JsonObject[]) => ({
    name: `${name}.vhostguard.dev`,
    clientConfig: clientConfig(options, path),
    rules: kinds,
    failurePolicy,
    matchPolicy: 'Equivalent',
    namespaceSelector: namespaceSelector(options),
    objectSelector: {},
    sideEffects: 'None',
    timeoutSeconds: TIMEOUT_SECONDS,
    admissionReviewVersions: ['v1'],
    matchConditions: conditions,
  });
  const judged = rulesFor(kindsOf(rules), JUDGED_ONCE);
  const repaired = rulesFor(kindsOf(rules.filter(({ fix }) => fix === 'safe')), UNREPAIRABLE_LATER);
  return [
    configuration('MutatingWebhookConfiguration', options, [
      { ...webhook('mutate', 'mutate', 'Ignore', conditions.mutate, repaired), reinvocationPolicy: 'IfNeeded' },
    ]),
    configuration('ValidatingWebhookConfiguration', options, [
      webhook('strict.validate', 'validate', 'Fail', conditions.strict, judged),
      webhook('lenient.validate', 'validate', 'Ignore', conditions.lenient, judged),
    ]),
  ];
}

function configuration(
  kind: WebhookConfiguration['kind'],
  { annotations = {}, ownerReferences }: WebhookConfigurationOptions,
  webhooks: readonly JsonObject[],
): WebhookConfiguration {
  const labels = { 'app.kubernetes.io/name': 'vhostguard', 'app.kubernetes.io/part-of': 'vhostguard', [OWNERSHIP.label]: OWNERSHIP.value };
  const metadata = { name: CONFIGURATION_NAME, labels, annotations, ...(ownerReferences && { ownerReferences }) };
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata, webhooks };
}

function clientConfig({ target, caBundle }: WebhookConfigurationOptions, path: string): JsonObject {
  const trust = caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') };
  if (target.at === 'url') return { url: `${target.url}/${path}`, ...trust };
  const { namespace, name, port } = target;
  return { service: { namespace, name, path: `/${path}`, port }, ...trust };
}

/** By the label that every namespace has and nobody can choose. */
function namespaceSelector({ target, settings }: WebhookConfigurationOptions): JsonObject {
  const own = target.at === 'service' ? [target.namespace] : [];
  const values = [...new Set(['kube-system', ...own, ...settings.namespaces.exclude])].sort();
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }] };
}

function kindsOf(rules: WebhookConfigurationOptions['rules']): GroupKind[] {
  const targets = new Set(rules.flatMap((rule) => rule.targets));
  return ADMITTED.filter((target) => targets.has(target)).flatMap((target) => KINDS_OF_TARGET[target]);
}

/** @param once kinds of which only CREATE counts. */
function rulesFor(kinds: readonly GroupKind[], once: readonly string[]): JsonObject[] {
  const operationsOf = ({ kind }: GroupKind): string => (once.includes(kind) ? 'CREATE' : 'CREATE,UPDATE');
  const groups = new Map<string, GroupKind[]>();
  for (const kind of kinds) {
    const key = `${kind.group} ${operationsOf(kind)}`;
    groups.set(key, [...(groups.get(key) ?? []), kind]);
  }
  return [...groups].map(([key, members]) => ({
    operations: key.slice(key.indexOf(' ') + 1).split(','),
    apiGroups: [key.slice(0, key.indexOf(' '))],
    // The shape is the same in all versions, and a version that is to come must not slip through.
    apiVersions: ['*'],
    resources: members.map(({ kind }) => pluralOf(kind)),
    scope: 'Namespaced',
  }));
}

function pluralOf(kind: string): string {
  return kind === 'NetworkAttachmentDefinition' ? 'network-attachment-definitions' : `${kind.toLowerCase()}s`;
}
