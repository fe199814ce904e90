import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { describe, expect, test } from 'vitest';
import { type Answer, answer } from '../../src/admission/answer.ts';
import { createHandlers } from '../../src/admission/handlers.ts';
import type { AdmissionResponse, Webhook } from '../../src/admission/review.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { AnyRule } from '../../src/engine/rule.ts';
import { exampleEngine, RECORDED, recorded, requestOf, reviewWith } from '../support/reviews.ts';
import { bentObjects } from '../support/wild-objects.ts';

const engine = exampleEngine();
const handlers = createHandlers(() => engine);

function ask(webhook: Webhook, body: Buffer): AdmissionResponse {
  const { httpStatus, body: text } = answer(webhook, handlers[webhook], body);
  expect(httpStatus).toBe(200);
  const review = JSON.parse(text) as { apiVersion: string; kind: string; response: AdmissionResponse };
  expect(review).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  return review.response;
}

function patchOf({ patch }: AdmissionResponse): jsonPatch.Operation[] {
  return patch === undefined ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString()) as jsonPatch.Operation[]);
}

function patched(body: Buffer, response: AdmissionResponse): Buffer {
  const review = JSON.parse(body.toString()) as { request: { object: unknown } };
  const object = jsonPatch.applyPatch(review.request.object, patchOf(response), true, false).newDocument;
  return Buffer.from(JSON.stringify({ ...review, request: { ...review.request, object } }));
}

const withoutHugepages = (() => {
  const { object } = requestOf(recorded('02'));
  const changed = structuredClone(object) as { spec: { domain: { memory?: unknown } } };
  delete changed.spec.domain.memory;
  return reviewWith({ object: changed });
})();

describe('the mutating webhook', () => {
  test('repairs what the recorded VMI lacks, with a warning and an audit annotation', () => {
    const response = ask('mutate', recorded('02'));
    expect(patchOf(response)).toEqual([
      { op: 'add', path: '/spec/nodeSelector', value: { 'network.operator.openshift.io/external-openvswitch': '' } },
    ]);
    expect({ ...response, patch: undefined }).toEqual({
      uid: requestOf(recorded('02'))['uid'],
      allowed: true,
      patchType: 'JSONPatch',
      warnings: ['VHG110 repaired: add nodeSelector "network.operator.openshift.io/external-openvswitch": ""'],
      auditAnnotations: { VHG110: 'repaired' },
    });
  });

  test.for([...RECORDED])('leaves nothing to repair in %s', ([, body]) => {
    const first = ask('mutate', body);
    expect(first.allowed).toBe(true);
    expect(ask('mutate', patched(body, first))).toEqual({ uid: first.uid, allowed: true });
  });

  test('sends patch and patchType together or not at all', () => {
    for (const body of RECORDED.values()) {
      const response = ask('mutate', body);
      expect('patch' in response).toBe('patchType' in response);
      expect(patchOf(response).length > 0).toBe('patch' in response);
    }
  });
});

describe('the validating webhook', () => {
  test('denies with every finding as a cause and in the message', () => {
    const { status, ...response } = ask('validate', withoutHugepages);
    const { denials } = engineVerdict(withoutHugepages);
    expect(denials.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['VHG101', 'VHG110']));
    expect(response).toMatchObject({ allowed: false });
    expect(status).toMatchObject({ status: 'Failure', reason: 'Invalid', code: 422 });
    expect(status?.details).toMatchObject({ group: 'kubevirt.io', kind: 'VirtualMachineInstance', name: 'vm-trex-1' });
    expect(status?.details?.causes).toHaveLength(denials.length);
    expect(status?.details?.causes).toContainEqual({
      reason: 'FieldValueRequired',
      field: 'spec.domain.memory',
      message: expect.stringMatching(/^VHG101: /),
    });
    expect(status?.message.split('; VHG')).toHaveLength(denials.length);
    expect(status?.message).toMatch(/VHG101 spec\.domain\.memory: /);
  });

  test('never sends a patch', () => {
    for (const body of RECORDED.values()) {
      const response = ask('validate', body);
      expect(response).not.toHaveProperty('patch');
      expect(response).not.toHaveProperty('patchType');
    }
  });

  test('allows what the mutating webhook left of the recorded VMI', () => {
    expect(ask('validate', patched(recorded('02'), ask('mutate', recorded('02')))).allowed).toBe(true);
  });

  test('allows a DELETE without a word', () => {
    expect(ask('validate', recorded('12'))).toEqual({ uid: requestOf(recorded('12'))['uid'], allowed: true });
  });

  test('allows an update that does not make an old object worse', () => {
    const { object } = requestOf(withoutHugepages);
    const labelled = { ...object, metadata: { ...(object['metadata'] as object), labels: { a: 'b' } } };
    const response = ask('validate', reviewWith({ operation: 'UPDATE', object: labelled, oldObject: object }));
    expect(response.allowed).toBe(true);
    expect(response.warnings?.some((warning) => warning.startsWith('VHG101: '))).toBe(true);
  });

  test('says in the audit log what an exemption covers, and why', () => {
    const { object } = requestOf(withoutHugepages);
    const metadata = { ...(object['metadata'] as object), annotations: { 'vhostguard.dev/exempt': 'VHG101=ticket 42; VHG110=lab' } };
    const response = ask('validate', reviewWith({ object: { ...object, metadata } }));
    expect(response.auditAnnotations).toMatchObject({ VHG101: 'exempt: ticket 42', VHG110: 'exempt: lab' });
    expect(response.warnings ?? []).toEqual([]);
  });

  test('tells a rule that crashed from one that warns', () => {
    const [first, ...rest] = engine.context.rules.filter(({ meta }) => meta.targets.includes('workload'));
    const broken = {
      ...(first as AnyRule),
      // biome-ignore lint/correctness/useYield: a rule is a generator, and this one never gets so far
      *check() {
        throw new Error('boom');
      },
    };
    const crashing = createEngine({ ...engine.context, rules: [broken, ...rest] });
    const { outcome } = answer('validate', createHandlers(() => crashing).validate, recorded('02'));
    expect(outcome).toMatchObject({ state: 'decided', decision: { crashed: [broken.meta.id] } });
    expect(outcome.state === 'decided' && outcome.decision.warned).not.toContain(broken.meta.id);
  });

  test('takes the namespace from the request', () => {
    const response = ask('validate', reviewWith({ object: requestOf(withoutHugepages).object, namespace: 'kube-system' }));
    expect(response).toEqual({ uid: response.uid, allowed: true });
  });
});

function engineVerdict(body: Buffer) {
  return engine.judgeAsWritten(subjectOf(requestOf(body).object, 'default')).verdict;
}

test('both webhooks agree with the engine on any object', () => {
  fc.assert(
    fc.property(bentObjects, (object) => {
      const [version = '', group = ''] = String(object['apiVersion']).split('/').reverse();
      const subject = subjectOf(object, 'default');
      const body = reviewWith({ object, name: subject.name, namespace: subject.namespace, kind: { group, version, kind: object['kind'] } });
      const { object: repaired, patch, verdict } = engine.judge(subject);
      const mutated = ask('mutate', body);
      expect(patchOf(mutated)).toEqual(JSON.parse(JSON.stringify(patch)));
      const after = patched(body, mutated);
      expect(requestOf(after).object).toEqual(JSON.parse(JSON.stringify(repaired)));
      const response = ask('validate', after);
      expect(response.allowed).toBe(verdict.allowed);
      expect(response.status?.details?.causes.map(({ message }) => message) ?? []).toEqual(
        verdict.denials.map(({ rule, message }) => `${rule}: ${message}`),
      );
    }),
    { numRuns: 300 },
  );
});

test('a crash is answered with the uid and without a word about the cause', () => {
  const crash = (): never => {
    throw new TypeError('cannot read secret');
  };
  const result: Answer = answer('validate', crash, recorded('02'));
  const { uid } = requestOf(recorded('02'));
  expect(result.httpStatus).toBe(500);
  expect(result.outcome).toEqual({ state: 'crashed', uid, cause: expect.any(TypeError) });
  expect(JSON.parse(result.body)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: false,
      status: {
        status: 'Failure',
        message: 'internal error: vhostguard could not judge this request, its log says why',
        reason: 'InternalError',
        code: 500,
      },
    },
  });
});

test('a refused body is answered with a Status, whose message the API server shows', () => {
  expect(JSON.parse(answer('mutate', handlers.mutate, Buffer.from('{')).body)).toEqual({
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    message: 'the request body is not JSON',
    reason: 'BadRequest',
    code: 400,
  });
});

test('a decision names rules and object and holds nothing of the specification', () => {
  const { outcome } = answer('validate', handlers.validate, withoutHugepages);
  expect(outcome).toMatchObject({
    state: 'decided',
    decision: {
      webhook: 'validate',
      kind: 'VirtualMachineInstance',
      namespace: 'default',
      name: 'vm-trex-1',
      operation: 'CREATE',
      allowed: false,
    },
  });
  expect(JSON.stringify(outcome)).not.toContain('fedora');
});
