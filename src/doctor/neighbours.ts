import { CONFIGURATION_NAME, webhookConfigurations } from '../controller/webhook-configurations.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Check } from './check.ts';
import type { Examination } from './examination.ts';
import { configurationsAt } from './examine.ts';
import { readObjects } from './reading.ts';

/** Webhooks named before the rest is counted only. */
const MOST_NAMES = 12;

/** Which webhooks of others are called for the same kinds. That there are some is no fault. @throws AppError CLUSTER_UNREACHABLE */
export async function checkNeighbours({ send, target, rules, inForce }: Examination): Promise<Check> {
  const title = 'other webhooks on the same kinds';
  const ours = webhookConfigurations({ target, rules, settings: inForce.settings }).flatMap(({ webhooks }) => webhooks.flatMap(rulesOf));
  const names: string[] = [];
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    const found = await readObjects(send, configurationsAt(plural));
    if (found.state === 'refused') return { title, state: 'skip', detail: found.why };
    if (found.state === 'found') names.push(...found.value.flatMap((configuration) => neighboursIn(configuration, ours)));
  }
  const rest = names.length > MOST_NAMES ? [`and ${names.length - MOST_NAMES} more`] : [];
  return { title, state: 'ok', detail: [...names.slice(0, MOST_NAMES), ...rest].join(', ') || 'none' };
}

function neighboursIn(configuration: JsonObject, ours: readonly JsonObject[]): string[] {
  if (valueAt(configuration, ['metadata', 'name']) === CONFIGURATION_NAME) return [];
  return objectsIn(configuration['webhooks'])
    .filter((webhook) => rulesOf(webhook).some((theirs) => ours.some((rule) => overlap(theirs, rule))))
    .map(({ name, failurePolicy }) => `${String(name)} (${String(failurePolicy ?? 'Fail')})`);
}

function overlap(theirs: JsonObject, ours: JsonObject): boolean {
  return ['apiGroups', 'resources', 'operations'].every((key) => {
    const [left, right] = [textsIn(theirs[key]), textsIn(ours[key])];
    // `*/*` is every resource with its subresources.
    return left.some((each) => each === '*' || each === '*/*' || right.includes(each));
  });
}

function rulesOf(webhook: JsonObject): JsonObject[] {
  return objectsIn(webhook['rules']);
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
