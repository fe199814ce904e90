import type { Field } from '../core/field.ts';
import { isObject } from '../core/json.ts';

/** The annotation of a Node in which its host agent names the rules that fail there. */
export const HOST_ANNOTATION = 'vhostguard.dev/host';

/** The condition of a Node by which its host agent says whether VMs with a vhost-user NIC can pass packets there. */
export const HOST_CONDITION = 'VhostUserReady';

/** The form of the annotation. */
export const HOST_ANNOTATION_VERSION = 1;

/** What keeps a node's OVS-DPDK from serving VMs, as its host agent found it. */
export interface HostFault {
  /** One word, such as `RequireRunningOvs`. */
  readonly reason: string;
  /** Rules that fail on the host, such as `VHG510`; none when the annotation does not tell. */
  readonly rules: readonly string[];
}

/**
 * The fault that a Node's condition tells of. `undefined` when there is none, and when nobody knows: no agent runs there, or it could
 * not look.
 */
export function readHostFault(node: Field): HostFault | undefined {
  const conditions = node.get('status').get('conditions').items();
  const condition = conditions.find((each) => isObject(each.value) && each.value['type'] === HOST_CONDITION);
  if (condition?.get('status').value !== 'False') return undefined;
  const reason = condition.get('reason').string() ?? '';
  return { reason: /^[A-Za-z]\w{0,99}$/.test(reason) ? reason : 'Unknown', rules: failedRules(node) };
}

/** More characters than an agent ever writes. */
const LONGEST_ANNOTATION = 4096;

function failedRules(node: Field): readonly string[] {
  const text = node.get('metadata').get('annotations').get(HOST_ANNOTATION).value;
  const annotation = typeof text === 'string' && text.length <= LONGEST_ANNOTATION ? parse(text) : undefined;
  if (!isObject(annotation) || annotation['version'] !== HOST_ANNOTATION_VERSION || !Array.isArray(annotation['failed'])) return [];
  return annotation['failed'].filter((rule) => typeof rule === 'string' && /^VHG\d{3}$/.test(rule));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
