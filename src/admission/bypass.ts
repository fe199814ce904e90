import { isObject, type JsonObject } from '../core/json.ts';
import type { AdmissionRequest } from './review.ts';

/** Namespaces that KubeVirt's operator, OpenShift Virtualization and the hyperconverged operator install into. */
const KUBEVIRT_NAMESPACES = ['kubevirt', 'kubevirt-hyperconverged', 'openshift-cnv'];

/** @see https://github.com/kubevirt/kubevirt/tree/main/pkg/virt-operator/resource/generate/rbac */
const KUBEVIRT_ACCOUNTS = [
  'kubevirt-apiserver',
  'kubevirt-controller',
  'kubevirt-handler',
  'kubevirt-operator',
  'kubevirt-synchronization-controller',
];

/** The whole names: anybody may call a service account of their own namespace `kubevirt-controller`. */
const KUBEVIRT_USERNAMES: ReadonlySet<string> = new Set(
  KUBEVIRT_NAMESPACES.flatMap((namespace) => KUBEVIRT_ACCOUNTS.map((account) => `system:serviceaccount:${namespace}:${account}`)),
);

/**
 * True for a request that is allowed without looking at the object, whoever would deny it would only get in the way:
 *
 * | request                                          | why                                                       |
 * |--------------------------------------------------|-----------------------------------------------------------|
 * | DELETE, CONNECT                                  | nothing is stored                                         |
 * | a subresource (`status`, `scale`, ...)           | the specification does not change                         |
 * | UPDATE by KubeVirt's own components              | it reports what already runs; elsewhere the ratchet helps |
 * | UPDATE of a terminating object, same `spec`      | removes a finalizer; a denial would keep it for ever      |
 */
export function isBypassed(request: AdmissionRequest): boolean {
  const { operation, subResource, username } = request;
  if (operation === 'DELETE' || operation === 'CONNECT' || subResource !== '') return true;
  return operation === 'UPDATE' && (KUBEVIRT_USERNAMES.has(username) || isFinalizing(request));
}

/**
 * The old object decides: the API server puts a user's own `deletionTimestamp` right only after admission.
 * And the specification must stay: objects that a finalizer keeps can go on running (Kyverno's GO-2023-1819).
 */
function isFinalizing({ object, oldObject }: AdmissionRequest): boolean {
  if (object === undefined || oldObject === undefined || !isTerminating(oldObject)) return false;
  return JSON.stringify(object['spec']) === JSON.stringify(oldObject['spec']);
}

function isTerminating({ metadata }: JsonObject): boolean {
  return isObject(metadata) && typeof metadata['deletionTimestamp'] === 'string';
}
