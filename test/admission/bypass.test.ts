import { describe, expect, test } from 'vitest';
import { isBypassed } from '../../src/admission/bypass.ts';
import { decode } from '../../src/admission/decode.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { recorded } from '../support/reviews.ts';

function requestFrom(number: string): AdmissionRequest {
  const decoded = decode(recorded(number));
  if (decoded.state !== 'request') throw new Error('expected a request');
  return decoded.request;
}

const CREATE = requestFrom('02');
const UPDATE = requestFrom('03');
const DELETE = requestFrom('12');

function terminating(object: JsonObject | undefined): JsonObject {
  const metadata = object?.['metadata'];
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), deletionTimestamp: '2026-11-22T00:00:00Z' } };
}

function by(username: string): AdmissionRequest {
  return { ...UPDATE, username };
}

describe('isBypassed', () => {
  test.for<[string, AdmissionRequest]>([
    ['a DELETE', DELETE],
    ['a CONNECT', { ...CREATE, operation: 'CONNECT' }],
    ['an UPDATE of the status', { ...UPDATE, subResource: 'status' }],
    ['an UPDATE by virt-controller', by('system:serviceaccount:kubevirt:kubevirt-controller')],
    ['an UPDATE by virt-handler of OpenShift Virtualization', by('system:serviceaccount:openshift-cnv:kubevirt-handler')],
    [
      'an UPDATE that takes a finalizer off',
      { ...UPDATE, object: terminating(UPDATE.oldObject), oldObject: terminating(UPDATE.oldObject) },
    ],
  ])('lets %s pass', ([, request]) => {
    expect(isBypassed(request)).toBe(true);
  });

  test.for<[string, AdmissionRequest]>([
    ['a CREATE', CREATE],
    ['an UPDATE', UPDATE],
    [
      'a CREATE by virt-controller: launcher pods are judged',
      { ...CREATE, username: 'system:serviceaccount:kubevirt:kubevirt-controller' },
    ],
    ["an UPDATE by a tenant's own account of that name", by('system:serviceaccount:tenant:kubevirt-controller')],
    ["an UPDATE by another account in KubeVirt's namespace", by('system:serviceaccount:kubevirt:default')],
    ['an UPDATE that only claims to be terminating', { ...UPDATE, object: terminating(UPDATE.object) }],
    [
      'an UPDATE that changes the specification of a terminating object',
      { ...UPDATE, object: { ...terminating(UPDATE.object), spec: {} }, oldObject: terminating(UPDATE.oldObject) },
    ],
  ])('does not let %s pass', ([, request]) => {
    expect(isBypassed(request)).toBe(false);
  });
});
