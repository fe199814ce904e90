import type { Send } from '../cluster/writes.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { describeRefusal } from './refusal.ts';

const GROUP = 'rbac.authorization.k8s.io';

/**
 * Looks up the ClusterRole whose deletion shall remove the webhook configurations, so that an uninstalled product blocks nothing.
 * @returns owner references, or why there are none: without its ClusterRole the product is being uninstalled.
 */
export function createOwnerLookup(send: Send, clusterRole: string): () => Promise<readonly JsonObject[] | string> {
  return async () => {
    const answer = await send('GET', `/apis/${GROUP}/v1/clusterroles/${clusterRole}`);
    if (answer.status === 404)
      return `there is no ClusterRole ${clusterRole} to own the webhook configurations: they are left as they are while it is missing`;
    if (answer.status !== 200) return describeRefusal(answer, { verb: 'get', plural: 'clusterroles', group: GROUP });
    const metadata = isObject(answer.body) && isObject(answer.body['metadata']) ? answer.body['metadata'] : {};
    return [{ apiVersion: `${GROUP}/v1`, kind: 'ClusterRole', name: clusterRole, uid: metadata['uid'] }];
  };
}
