import { isObject, type JsonObject } from '../core/json.ts';
import { HOST_CONDITION } from '../kube/host-fault.ts';

/** How long a host agent is believed after its last sign of life, in milliseconds: it gives one every five minutes. */
export const HOST_CONDITION_LIFETIME_MS = 15 * 60_000;

/** The conditions of a Node that rules read: only the host agent's; undefined without one. */
export function hostConditions(status: JsonObject): readonly JsonObject[] | undefined {
  const { conditions } = status;
  const ours = Array.isArray(conditions) ? conditions.filter(isObject).filter(({ type }) => type === HOST_CONDITION) : [];
  return ours.length === 0 ? undefined : ours;
}

/**
 * How long a host agent is believed from now on, in milliseconds; 0 when it has been silent for too long, or has no condition.
 *
 * @param nowMs since 1970. An agent whose clock is ahead is not believed the longer for it.
 */
export function believedMs(node: JsonObject, nowMs: number): number {
  const [condition] = hostConditions(statusOf(node)) ?? [];
  const heartbeatMs = Date.parse(String(condition?.['lastHeartbeatTime']));
  const leftMs = heartbeatMs + HOST_CONDITION_LIFETIME_MS - nowMs;
  return Number.isNaN(leftMs) ? 0 : Math.min(Math.max(leftMs, 0), HOST_CONDITION_LIFETIME_MS);
}

/** The Node as it is when nobody knows of its host. */
export function withoutHostCondition(node: JsonObject): JsonObject {
  const { conditions: _conditions, ...status } = statusOf(node);
  return { ...node, status };
}

function statusOf(node: JsonObject): JsonObject {
  return isObject(node['status']) ? node['status'] : {};
}

/** Stops believing a host agent when it has been silent for too long. */
export class HostConditions {
  readonly #nowMs: () => number;
  readonly #onStale: (node: JsonObject) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** @param nowMs milliseconds since 1970. @param onStale gets a Node without the condition that is not believed any more. */
  constructor(nowMs: () => number, onStale: (node: JsonObject) => void) {
    this.#nowMs = nowMs;
    this.#onStale = onStale;
  }

  /** The Node as it is to be believed now. */
  take(name: string, node: JsonObject): JsonObject {
    this.drop(name);
    const leftMs = believedMs(node, this.#nowMs());
    if (leftMs === 0) return withoutHostCondition(node);
    const expire = (): void => {
      this.#timers.delete(name);
      this.#onStale(withoutHostCondition(node));
    };
    this.#timers.set(name, setTimeout(expire, leftMs).unref());
    return node;
  }

  /** The Node is gone. */
  drop(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  stop(): void {
    for (const name of [...this.#timers.keys()]) this.drop(name);
  }
}
