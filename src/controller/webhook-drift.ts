import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../core/json.ts';
import type { WebhookConfiguration } from './webhook-configurations.ts';

/**
 * What of a stored configuration is not as wanted, in words; empty when nothing has to be written. Fields of a webhook that are
 * not wanted otherwise are left alone: a newer API server may fill in more than is known here.
 */
export function driftOf(found: JsonObject, wanted: WebhookConfiguration): string[] {
  const metadata = isObject(found['metadata']) ? found['metadata'] : {};
  return [
    ...differences(metadata['labels'], wanted.metadata.labels).map((key) => `the label ${key}`),
    ...differences(metadata['annotations'], wanted.metadata.annotations).map((key) => `the annotation ${key}`),
    ...(includesAll(metadata['ownerReferences'], wanted.metadata.ownerReferences ?? []) ? [] : ['its owner']),
    ...webhookDrift(found['webhooks'], wanted.webhooks),
  ];
}

/** A stored configuration made as wanted. What others added to its metadata stays. */
export function corrected(found: JsonObject, wanted: WebhookConfiguration): JsonObject {
  const metadata = isObject(found['metadata']) ? found['metadata'] : {};
  const { labels, annotations, ownerReferences } = wanted.metadata;
  return {
    ...wanted,
    metadata: {
      ...metadata,
      labels: { ...(isObject(metadata['labels']) ? metadata['labels'] : {}), ...labels },
      annotations: { ...(isObject(metadata['annotations']) ? metadata['annotations'] : {}), ...annotations },
      ...(ownerReferences && { ownerReferences }),
    },
  };
}

/** A wanted configuration with the `caBundle` of the stored one, wherever none is wanted: then somebody else puts it in. */
export function withForeignTrust(found: JsonObject, wanted: WebhookConfiguration): WebhookConfiguration {
  const stored = webhooksOf(found['webhooks']);
  const webhooks = wanted.webhooks.map((webhook) => {
    const config = webhook['clientConfig'];
    const current = stored.find(({ name }) => name === webhook['name'])?.['clientConfig'];
    if (!isObject(config) || config['caBundle'] !== undefined || !isObject(current) || current['caBundle'] === undefined) return webhook;
    return { ...webhook, clientConfig: { ...config, caBundle: current['caBundle'] } };
  });
  return { ...wanted, webhooks };
}

function webhookDrift(found: unknown, wanted: readonly JsonObject[]): string[] {
  const stored = webhooksOf(found);
  const names = wanted.map(({ name }) => String(name));
  const strange = stored.filter(({ name }) => !names.includes(String(name))).map(({ name }) => `the webhook ${String(name)}`);
  return wanted
    .flatMap((webhook, index) => {
      const name = String(webhook['name']);
      const current = stored[index];
      if (current?.['name'] !== name) return [`the webhook ${name}`];
      return clientDrift(current, webhook).map((key) => `${key} of ${name}`);
    })
    .concat(strange);
}

function clientDrift(found: JsonObject, wanted: JsonObject): string[] {
  return differences(found, wanted).map((key) => {
    const [from, to] = [found[key], wanted[key]];
    const isTrust = key === 'clientConfig' && isObject(from) && isObject(to) && from['caBundle'] !== to['caBundle'];
    return isTrust ? 'caBundle' : key;
  });
}

function differences(found: unknown, wanted: JsonObject): string[] {
  const from = isObject(found) ? found : {};
  return Object.keys(wanted).filter((key) => !isDeepStrictEqual(from[key], wanted[key]));
}

function includesAll(found: unknown, wanted: readonly JsonObject[]): boolean {
  const list: readonly unknown[] = Array.isArray(found) ? found : [];
  return wanted.every((reference) => list.some((each) => isObject(each) && each['uid'] === reference['uid']));
}

function webhooksOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
