import { isObject, type JsonObject } from '../core/json.ts';
import { HOST_ANNOTATION, HOST_CONDITION } from '../kube/host-fault.ts';
import type { HostVerdict } from './verdict.ts';

/** How often a verdict is written again though nothing changed, in milliseconds: as the kubelet does, since each write wakes all watches. */
const HEARTBEAT_MS = 5 * 60_000;

/**
 * The strategic merge patch of `nodes/status` that makes a Node say this of its host: conditions are merged by their type, so that
 * those of the kubelet stay as they are. `undefined` when the Node says it already, and not long ago.
 *
 * @param nowMs since 1970.
 */
export function patchFor(node: JsonObject, verdict: HostVerdict, nowMs: number): JsonObject | undefined {
  const { status, reason, message, annotation } = verdict;
  const current = conditionOf(node);
  const isSaid = current?.['status'] === status && current['reason'] === reason && annotationOf(node) === annotation;
  const silentMs = Math.abs(nowMs - Date.parse(String(current?.['lastHeartbeatTime'])));
  if (isSaid && silentMs < HEARTBEAT_MS) return undefined;
  const now = timeOf(nowMs);
  const since = current?.['lastTransitionTime'];
  const lastTransitionTime = current?.['status'] === status && typeof since === 'string' ? since : now;
  return {
    metadata: { annotations: { [HOST_ANNOTATION]: annotation } },
    status: { conditions: [{ type: HOST_CONDITION, status, reason, message, lastHeartbeatTime: now, lastTransitionTime }] },
  };
}

function conditionOf(node: JsonObject): JsonObject | undefined {
  const { conditions } = isObject(node['status']) ? node['status'] : {};
  return Array.isArray(conditions) ? conditions.filter(isObject).find(({ type }) => type === HOST_CONDITION) : undefined;
}

function annotationOf(node: JsonObject): unknown {
  const { annotations } = isObject(node['metadata']) ? node['metadata'] : {};
  return isObject(annotations) ? annotations[HOST_ANNOTATION] : undefined;
}

/** RFC 3339 in whole seconds, which is all that the API keeps. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
