import { randomUUID } from 'node:crypto';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import type { AdmissionResponse } from '../../../src/admission/review.ts';
import type { MatchCondition } from '../../../src/controller/match-conditions.ts';
import { describeError } from '../../../src/core/errors.ts';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import { valueAt } from '../../../src/core/path.ts';
import { createMatcher } from '../cel.ts';
import { isCalledFor } from './admission-rules.ts';
import type { FakeResource } from './resource.ts';
import type { ApiRequest } from './route.ts';
import type { Refusal } from './status.ts';
import type { Stored } from './store.ts';
import { type Conformed, conform } from './structural.ts';

/** A create or update that is about to be kept. */
export interface Write {
  readonly request: ApiRequest;
  readonly resource: FakeResource;
  readonly object: JsonObject;
  readonly oldObject: JsonObject | undefined;
  readonly isDryRun: boolean;
}

type Admitted = { readonly refusal: Refusal } | { readonly object: JsonObject; readonly headers?: Readonly<Record<string, string>> };

/** Passes a write through the webhooks; `undefined`, at once, where none is called for it. */
export type Admission = (write: Write) => Promise<Admitted> | undefined;

/**
 * Calls the webhooks that are registered as kube-apiserver does: mutating ones in their order, then validating ones, each with the trust
 * of its `caBundle`; rules, selectors and `matchConditions` decide for whom, `failurePolicy` what a failure means. In between the object
 * must conform to its CustomResourceDefinition. Mutating webhooks are not called a second time.
 *
 * @param endpoints ports on 127.0.0.1 by Service, as `namespace/name`
 */
export function createAdmission(objectsOf: (kind: string) => readonly Stored[], endpoints: ReadonlyMap<string, number>): Admission {
  const called = (kind: string, write: Write): JsonObject[] => {
    const { namespace } = write.request;
    const labels = objectsOf('Namespace').find(({ metadata }) => metadata.name === namespace)?.metadata['labels'];
    const namespaceLabels = { ...(isObject(labels) ? labels : {}), 'kubernetes.io/metadata.name': namespace };
    const webhooks = objectsOf(kind).flatMap(({ webhooks }) => (Array.isArray(webhooks) ? webhooks.filter(isObject) : []));
    return webhooks.filter((webhook) => isCalledFor(webhook, write, namespaceLabels));
  };
  return (write) => {
    const [mutating, validating] = [called('MutatingWebhookConfiguration', write), called('ValidatingWebhookConfiguration', write)];
    return mutating.length + validating.length === 0 ? undefined : admit(write, { mutating, validating }, endpoints);
  };
}

type Endpoints = Parameters<typeof createAdmission>[1];

interface Called {
  readonly mutating: readonly JsonObject[];
  readonly validating: readonly JsonObject[];
}

async function admit(write: Write, { mutating, validating }: Called, endpoints: Endpoints): Promise<Admitted> {
  const warnings: string[] = [];
  const mutated = await pass(write, mutating, { endpoints, warnings });
  const conformed = 'refusal' in mutated ? mutated : conform(write.resource, mutated.object);
  const admitted = 'refusal' in conformed ? conformed : await pass({ ...write, ...conformed }, validating, { endpoints, warnings });
  const headers = warningHeader(warnings);
  return 'refusal' in admitted ? { refusal: { ...admitted.refusal, headers } } : { ...admitted, headers };
}

/** Passes a write through webhooks, one after the other. Their warnings are added to `warnings`. */
async function pass(
  write: Write,
  webhooks: readonly JsonObject[],
  { endpoints, warnings }: { readonly endpoints: Endpoints; readonly warnings: string[] },
): Promise<Conformed> {
  let object = write.object;
  for (const webhook of webhooks) {
    const outcome = await consult(webhook, { ...write, object }, endpoints);
    if ('refusal' in outcome) return outcome;
    warnings.push(...(outcome.response?.warnings ?? []));
    const { patch } = outcome.response ?? {};
    if (patch === undefined) continue;
    const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
    object = fastJsonPatch.applyPatch(structuredClone(object), operations, true, false).newDocument;
  }
  return { object };
}

function warningHeader(warnings: readonly string[]): Readonly<Record<string, string>> {
  if (warnings.length === 0) return {};
  const text = warnings.map((warning) => `299 - ${JSON.stringify(warning)}`).join(', ');
  // The API server writes UTF-8, which Node does only where each byte is given as a character.
  return { warning: Buffer.from(text, 'utf8').toString('latin1') };
}

type Outcome = { readonly refusal: Refusal } | { readonly response: AdmissionResponse | undefined };

async function consult(webhook: JsonObject, write: Write, endpoints: Endpoints): Promise<Outcome> {
  const name = String(webhook['name']);
  let response: AdmissionResponse;
  try {
    if (!isMatched(webhook, write)) return { response: undefined };
    if (write.isDryRun && !/^None(OnDryRun)?$/.test(String(webhook['sideEffects'])))
      return { refusal: { code: 400, message: `admission webhook "${name}" does not support dry run` } };
    response = await call(webhook, write, endpoints);
  } catch (thrown) {
    if (webhook['failurePolicy'] === 'Ignore') return { response: undefined };
    const message = `Internal error occurred: failed calling webhook "${name}": failed to call webhook: ${describeError(thrown)}`;
    return { refusal: { code: 500, message } };
  }
  if (response.allowed) return { response };
  const { code = 400, message = 'without explanation', reason, details } = response.status ?? {};
  const said = `admission webhook "${name}" denied the request: ${message}`;
  return { refusal: { code: Math.max(code, 400), message: said, ...(reason !== undefined && { reason }), details } };
}

function isMatched(webhook: JsonObject, { request, object, oldObject }: Write): boolean {
  const conditions = webhook['matchConditions'];
  if (!Array.isArray(conditions) || conditions.length === 0) return true;
  const operation = request.verb === 'create' ? 'CREATE' : 'UPDATE';
  return createMatcher(conditions as MatchCondition[])({ operation, userInfo: USER, object, oldObject });
}

const USER = { username: 'kubernetes-admin', groups: ['system:authenticated'] };

/** Where a webhook answers, and the name that its certificate must have. */
function addressOf(webhook: JsonObject, endpoints: Endpoints): { readonly url: string; readonly servername?: string } {
  const { url, service } = isObject(webhook['clientConfig']) ? webhook['clientConfig'] : {};
  if (typeof url === 'string') return { url };
  const { namespace, name, path } = isObject(service) ? service : {};
  const port = endpoints.get(`${namespace}/${name}`);
  if (port === undefined) throw new Error(`no endpoints available for service "${name}"`);
  return { url: `https://127.0.0.1:${port}${path}`, servername: `${name}.${namespace}.svc` };
}

async function call(webhook: JsonObject, write: Write, endpoints: Endpoints): Promise<AdmissionResponse> {
  const { url, ...server } = addressOf(webhook, endpoints);
  const bundle = valueAt(webhook, ['clientConfig', 'caBundle']);
  const ca = typeof bundle === 'string' ? Buffer.from(bundle, 'base64') : undefined;
  const seconds = Number(webhook['timeoutSeconds'] ?? 10);
  const review = reviewOf(write);
  const body = JSON.stringify(review);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const options = { ...server, method: 'POST', headers, ca, agent: false, signal: AbortSignal.timeout(seconds * 1000) } as const;
  const answer = await new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    requestHttps(`${url}?timeout=${seconds}s`, options, (message) => {
      text(message).then((read) => resolve({ status: message.statusCode ?? 0, body: read }), reject);
    })
      .on('error', (fault) => reject(new Error(`Post "${url}?timeout=${seconds}s": ${fault.message}`)))
      .end(body);
  });
  if (answer.status !== 200) throw new Error(`the server answers ${answer.status}: ${answer.body}`);
  const { response } = JSON.parse(answer.body) as { readonly response: AdmissionResponse };
  if (response.uid !== review.request.uid) throw new Error(`expected response.uid=${review.request.uid}, got ${response.uid}`);
  return response;
}

function reviewOf({ request, resource, object, oldObject, isDryRun }: Write) {
  const { group, version, plural, kind } = resource;
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const operation = request.verb === 'create' ? 'CREATE' : 'UPDATE';
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group, version, kind },
      resource: { group, version, resource: plural },
      requestKind: { group, version, kind },
      requestResource: { group, version, resource: plural },
      ...(request.subresource !== '' && { subResource: request.subresource }),
      name: metadata['name'] ?? '',
      namespace: request.namespace,
      operation,
      userInfo: USER,
      object,
      oldObject: oldObject ?? null,
      dryRun: isDryRun,
      options: { apiVersion: 'meta.k8s.io/v1', kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions' },
    },
  };
}
