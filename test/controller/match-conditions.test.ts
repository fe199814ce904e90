import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchConditions } from '../../src/controller/match-conditions.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { type CelRequest, createMatcher } from '../support/cel.ts';
import { engineOver } from '../support/fixture.ts';
import { RECORDED, requestOf } from '../support/reviews.ts';

const conditions = matchConditions(DEFAULT_SETTINGS);
const isCalled = {
  mutate: createMatcher(conditions.mutate),
  strict: createMatcher(conditions.strict),
  lenient: createMatcher(conditions.lenient),
};

function callsFor(request: CelRequest): string {
  return Object.entries(isCalled)
    .filter(([, isMatch]) => isMatch(request))
    .map(([name]) => name)
    .join(' ');
}

const requests = [...RECORDED].map(([name, body]) => [name, requestOf(body) as unknown as CelRequest] as const);
const created = requests.filter(([, { operation }]) => operation === 'CREATE').map(([, request]) => request);

/** A recorded request without some of its fields: what a user may leave out. */
const incomplete = fc
  .tuple(fc.constantFrom(...created), fc.array(fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 9 }), { maxLength: 6 }))
  .map(([request, cuts]) => {
    const object = structuredClone(request.object);
    for (const cut of cuts) removeAt(object, cut);
    return { ...request, object: object as JsonObject };
  });

/** Removes the member that the numbers lead to; each chooses one of as many as there are. */
function removeAt(value: unknown, [choice = 0, ...rest]: readonly number[]): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = Object.keys(value);
  const key = keys[choice % Math.max(1, keys.length)];
  if (key === undefined) return;
  const members = value as Record<string, unknown>;
  if (rest.length > 0) removeAt(members[key], rest);
  else if (Array.isArray(value)) value.splice(Number(key), 1);
  else delete members[key];
}

describe('the API server calls', () => {
  test.for([
    ['01', 'mutate strict'],
    ['02', 'mutate strict'],
    ['03', 'mutate lenient'],
    ['04', 'mutate lenient'],
    ['05', 'mutate strict'],
    ['06', ''],
    ['07', ''],
    ['08', 'mutate strict'],
    ['09', 'mutate strict'],
    ['10', 'mutate strict'],
    ['11', 'mutate lenient'],
    ['12', ''],
  ])('for the recorded request %s: %s', ([number, calls]) => {
    const [, request] = requests.find(([name]) => name.startsWith(String(number))) ?? [];
    expect(request && callsFor(request)).toBe(calls);
  });

  const nic = (interfaces: unknown, networks: unknown) => ({ domain: { devices: { interfaces } }, networks });
  test.for<[string, JsonObject, string]>([
    ['a VM without a template', { spec: {} }, ''],
    ['a VM without a spec', {}, ''],
    ['a VM without devices', { spec: { template: { spec: { domain: {} } } } }, ''],
    ['a VM on the pod network', { spec: { template: { spec: nic([{ name: 'a', masquerade: {} }], [{ name: 'a', pod: {} }]) } } }, ''],
    ['no interface at all', { spec: { template: { spec: nic([], []) } } }, ''],
    [
      'an SR-IOV NIC, whose network tells',
      { spec: { template: { spec: nic([{ name: 'a', sriov: {} }], [{ name: 'a', multus: {} }]) } } },
      'mutate lenient',
    ],
    ['a binding of another name', { spec: nic([{ name: 'a', binding: { name: 'passt' } }], []) }, 'mutate lenient'],
    ['a vhost-user binding', { spec: nic([{ name: 'a', binding: { name: 'vhostuser' } }], []) }, 'mutate strict'],
    ['a bridge network', { spec: { config: '{"type": "bridge"}' } }, ''],
    ['a userspace network', { spec: { config: '{"Type" : "userspace"}' } }, 'mutate strict'],
    ['a userspace network in a list', { spec: { config: '{"plugins": [{"type":"userspace"}]}' } }, 'mutate strict'],
    ['a network without a config', { spec: {} }, ''],
    ['an ordinary pod', { metadata: { labels: { app: 'web' } }, spec: { containers: [] } }, ''],
    ['a pod without metadata', { spec: { containers: [] } }, ''],
    ['a launcher pod without networks', { metadata: { labels: { 'kubevirt.io': 'virt-launcher' } }, spec: {} }, ''],
  ])('for %s', ([, object, calls]) => {
    expect(callsFor({ operation: 'CREATE', userInfo: { username: 'jane' }, object })).toBe(calls);
  });

  test('for an update by a user, and not for one by KubeVirt', () => {
    const [, request] = requests.find(([name]) => name.startsWith('02')) ?? [];
    const update = { ...(request as CelRequest), operation: 'UPDATE', oldObject: { spec: {} } };
    expect(callsFor(update)).toBe('mutate strict');
    expect(callsFor({ ...update, oldObject: update.object })).toBe('mutate lenient');
    expect(callsFor({ ...update, userInfo: { username: 'system:serviceaccount:kubevirt:kubevirt-controller' } })).toBe('');
  });
});

describe('whatever is left out of an object', () => {
  const engine = engineOver(created.map(({ object }) => object as JsonObject));

  test('no condition fails, which would deny it', () => {
    fc.assert(
      fc.property(incomplete, (request) => void callsFor(request)),
      { numRuns: 1000 },
    );
  });

  test('what rules judge is sent to both webhooks, and validated once', () => {
    let judged = 0;
    fc.assert(
      fc.property(incomplete, (request) => {
        if (!engine.evaluate(subjectOf(request.object, 'default')).inScope) return;
        judged += 1;
        expect(callsFor(request)).toBeOneOf(['mutate strict', 'mutate lenient']);
      }),
      { numRuns: 1000 },
    );
    expect(judged).toBeGreaterThan(100);
  });
});
