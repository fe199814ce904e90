import { Field } from '../core/field.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { readHostFault } from '../kube/host-fault.ts';

/**
 * What rules can see of an object, for the kinds that change all the time for other reasons: the kubelet writes each Node every
 * few minutes, KubeVirt its status. Undefined for other kinds, of which every change counts.
 */
export function contentOf(object: JsonObject): string | undefined {
  const { labels, annotations } = member(object, 'metadata');
  const kind = object['kind'];
  if (kind === 'Namespace') return JSON.stringify([labels]);
  if (kind === 'Node') return nodeContent(object, labels);
  if (kind === 'KubeVirt') return JSON.stringify([annotations, object['spec']]);
  return undefined;
}

/** What rules look up of an object, for the kind of which a cluster has thousands; the whole object for others. */
export function keptPartOf(object: JsonObject): JsonObject {
  const { apiVersion, kind } = object;
  if (kind !== 'NetworkAttachmentDefinition') return object;
  const { namespace, name } = member(object, 'metadata');
  return { apiVersion, kind, metadata: { namespace, name }, spec: { config: member(object, 'spec')['config'] } };
}

function nodeContent(object: JsonObject, labels: unknown): string {
  const fault = readHostFault(Field.root(object, []));
  return JSON.stringify([labels, member(object, 'spec')['unschedulable'], member(object, 'status')['allocatable'], fault]);
}

function member(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}
