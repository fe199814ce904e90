import { isObject, type JsonObject } from '../core/json.ts';
import { KUBEVIRT_USERNAMES } from '../kube/kubevirt-accounts.ts';
import type { AdmissionRequest } from './review.ts';

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
