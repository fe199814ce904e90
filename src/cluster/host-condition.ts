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
 * @param nowMs since 1970. An agent whose clock is ahead is believed as if it had spoken now.
 */
export function believedMs(node: JsonObject, nowMs: number): number {
  const leftMs = Date.parse(heartbeatOf(node)) + HOST_CONDITION_LIFETIME_MS - nowMs;
  return Number.isNaN(leftMs) ? 0 : Math.min(Math.max(leftMs, 0), HOST_CONDITION_LIFETIME_MS);
}

/** When the agent says that it spoke last; empty without a condition. */
function heartbeatOf(node: JsonObject): string {
  const [condition] = hostConditions(statusOf(node)) ?? [];
  return String(condition?.['lastHeartbeatTime'] ?? '');
}

/** The Node as it is when nobody knows of its host. */
export function withoutHostCondition(node: JsonObject): JsonObject {
  const { conditions: _conditions, ...status } = statusOf(node);
  return { ...node, status };
}

function statusOf(node: JsonObject): JsonObject {
  return isObject(node['status']) ? node['status'] : {};
}

/** What was heard of one node. */
interface Heard {
  readonly heartbeat: string;
  /** Until when it is believed, in milliseconds since 1970. */
  readonly untilMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** Stops believing a host agent when it has been silent for too long. */
export class HostConditions {
  readonly #nowMs: () => number;
  readonly #onStale: (node: JsonObject) => void;
  readonly #heard = new Map<string, Heard>();

  /** @param nowMs milliseconds since 1970. @param onStale gets a Node whose condition is not believed any more, to be taken again. */
  constructor(nowMs: () => number, onStale: (node: JsonObject) => void) {
    this.#nowMs = nowMs;
    this.#onStale = onStale;
  }

  /** The Node as it is to be believed now. */
  take(name: string, node: JsonObject): JsonObject {
    const heartbeat = heartbeatOf(node);
    const before = this.#heard.get(name);
    this.drop(name);
    if (heartbeat === '') return withoutHostCondition(node);
    const nowMs = this.#nowMs();
    // Others write a Node too: only a new heartbeat is a new sign of life, whatever the agent's clock says.
    const untilMs = before?.heartbeat === heartbeat ? before.untilMs : nowMs + believedMs(node, nowMs);
    const heard: Heard = { heartbeat, untilMs, timer: undefined };
    this.#heard.set(name, heard);
    if (untilMs <= nowMs) return withoutHostCondition(node);
    heard.timer = setTimeout(() => this.#onStale(node), untilMs - nowMs).unref();
    return node;
  }

  /** The Node is gone. */
  drop(name: string): void {
    clearTimeout(this.#heard.get(name)?.timer);
    this.#heard.delete(name);
  }

  stop(): void {
    for (const name of [...this.#heard.keys()]) this.drop(name);
  }
}
