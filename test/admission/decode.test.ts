import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/admission/decode.ts';
import { BODY_LIMIT_BYTES, VALUE_LIMIT } from '../../src/admission/limits.ts';
import { RECORDED, recorded, requestOf, reviewWith } from '../support/reviews.ts';

const UID = requestOf(recorded('02'))['uid'] as string;

function refusalOf(body: Buffer | string): object {
  const decoded = decode(Buffer.from(body));
  if (decoded.state !== 'refused') throw new Error('expected a refusal');
  return decoded.refusal;
}

describe('decode', () => {
  test.for([...RECORDED])('reads %s', ([, body]) => {
    const { uid, operation, name } = requestOf(body);
    expect(decode(body)).toMatchObject({ state: 'request', request: { uid, operation, name } });
  });

  test.for([
    ['an empty body', '', 'the request body is empty, expected an AdmissionReview'],
    ['what is not JSON', '{"kind":', 'the request body is not JSON'],
    ['a list', '[]', 'the request body must be an AdmissionReview, not a list'],
    ['null', 'null', 'the request body must be an AdmissionReview, not null'],
    ['another kind', '{"kind":"Pod"}', 'kind must be "AdmissionReview", not "Pod"'],
    ['no kind', '{}', 'kind must be "AdmissionReview", not null'],
    [
      'an older AdmissionReview',
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}',
      'apiVersion must be "admission.k8s.io/v1", not "admission.k8s.io/v1beta1"',
    ],
    ['a review without a request', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', 'request must be a mapping, not null'],
    ['a missing uid', reviewWith({ uid: undefined }), 'request.uid must be set'],
    ['an empty uid', reviewWith({ uid: '' }), 'request.uid must be set'],
    ['a uid that is no string', reviewWith({ uid: 7 }), 'request.uid must be set'],
    ['an overlong uid', reviewWith({ uid: 'x'.repeat(129) }), 'request.uid must be at most 128 characters long'],
  ] as const)('refuses %s', ([, body, message]) => {
    expect(refusalOf(Buffer.from(body))).toEqual({ code: 400, message });
  });

  test.for([
    ['no operation', { operation: undefined }, 'request.operation must be "CREATE", "UPDATE", "DELETE" or "CONNECT"'],
    ['an unknown operation', { operation: 'PATCH' }, 'request.operation must be "CREATE", "UPDATE", "DELETE" or "CONNECT"'],
    ['no kind', { kind: null }, 'request.kind must have a version and a kind'],
    ['a name that is no string', { name: ['vm'] }, 'request.name must be a string, not a list'],
    ['an object that is a string', { object: 'vm' }, 'request.object must be a mapping, not a string'],
    ['no object on CREATE', { object: null }, 'request.object must be set on CREATE'],
    [
      'an object of another kind',
      { object: { apiVersion: 'v1', kind: 'Pod' } },
      'request.object is "Pod" of "v1", but request.kind says "VirtualMachineInstance" of "kubevirt.io/v1alpha3"',
    ],
    [
      'an object without a kind',
      { object: {} },
      'request.object is null of null, but request.kind says "VirtualMachineInstance" of "kubevirt.io/v1alpha3"',
    ],
    [
      'an old object of another version',
      { operation: 'UPDATE', oldObject: { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance' } },
      'request.oldObject is "VirtualMachineInstance" of "kubevirt.io/v1", but request.kind says "VirtualMachineInstance" of "kubevirt.io/v1alpha3"',
    ],
  ] as const)('refuses %s and names the uid', ([, request, message]) => {
    expect(refusalOf(reviewWith(request))).toEqual({ code: 400, message, uid: UID });
  });

  test.for(['[', '{"a":'])('reads 10,000 and 400,000 levels of %s, and refuses a million', (opening) => {
    const reviewOf = (levels: number): string => {
      const value = `${opening.repeat(levels)}1${(opening === '[' ? ']' : '}').repeat(levels)}`;
      return recorded('02').toString().replace('"dryRun": false', `"dryRun": ${value}`);
    };
    for (const levels of [10_000, 400_000]) expect(decode(Buffer.from(reviewOf(levels)))).toMatchObject({ request: { dryRun: false } });
    expect(refusalOf(reviewOf(1_000_000))).toMatchObject({ code: 413 });
  });

  test('refuses more values than fit into memory before it parses them', () => {
    const body = `[${'{},'.repeat(VALUE_LIMIT)}{}]`;
    expect(refusalOf(body)).toEqual({ code: 413, message: 'the request body must hold at most 500000 values' });
  });

  test('refuses a body over the limit', () => {
    expect(refusalOf(Buffer.alloc(BODY_LIMIT_BYTES + 1, ' '))).toEqual({
      code: 413,
      message: 'the request body must be at most 7340032 bytes',
    });
  });

  test('does not quote the body in a message about its syntax', () => {
    expect(JSON.stringify(refusalOf('{"userData": "password: fedora" oops'))).not.toContain('fedora');
  });

  test('keeps __proto__ and constructor as plain keys', () => {
    const text = recorded('02')
      .toString()
      .replace('"dryRun"', '"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "dryRun"');
    expect(decode(Buffer.from(text)).state).toBe('request');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('never throws and never changes a prototype', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const keys = fc.constantFrom(
      '__proto__',
      'constructor',
      'uid',
      'kind',
      'object',
      'oldObject',
      'operation',
      'userInfo',
      'name',
      'subResource',
    );
    const requests = fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.constantFrom('CREATE', 'UPDATE', 'DELETE')));
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      requests.map((request) => reviewWith(request)),
      fc.nat(recorded('02').length).map((length) => recorded('02').subarray(0, length)),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        expect(decode(body).state).toBeOneOf(['request', 'refused']);
      }),
      { numRuns: 1000 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });
});
