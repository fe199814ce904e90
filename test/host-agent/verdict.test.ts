import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Field } from '../../src/core/field.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Finding } from '../../src/engine/finding.ts';
import { patchFor } from '../../src/host-agent/node-patch.ts';
import { type HostVerdict, unjudged, verdictOf } from '../../src/host-agent/verdict.ts';
import { readHostFault } from '../../src/kube/host-fault.ts';

function finding(rule: Finding['rule'], rest: Partial<Finding> = {}): Finding {
  return {
    rule,
    name: 'require-running-ovs',
    severity: 'error',
    status: 'fail',
    path: [],
    message: `${rule} says so`,
    repaired: false,
    isOld: false,
    isUnknown: false,
    ...rest,
  };
}

const WARNING = { severity: 'warning', status: 'warn' } as const;
const UNKNOWN = { status: 'skip', isUnknown: true } as const;

function verdict(...findings: readonly Finding[]): HostVerdict {
  return verdictOf({ findings, passed: ['VHG501', 'VHG502'] });
}

describe('the verdict on a host', () => {
  test.for<[string, readonly Finding[], HostVerdict['status'], string]>([
    ['nothing', [], 'True', 'HostReady'],
    ['an error', [finding('VHG510')], 'False', 'RequireRunningOvs'],
    ['an error that only warns, by configuration', [finding('VHG510', { status: 'warn' })], 'False', 'RequireRunningOvs'],
    ['an error that an exemption covers', [finding('VHG510', { status: 'skip', exemptedBy: 'configuration' })], 'True', 'HostReady'],
    ['an error that is not enforced', [finding('VHG510', { status: 'skip' })], 'False', 'RequireRunningOvs'],
    ['a warning', [finding('VHG504', WARNING)], 'True', 'HostReady'],
    ['a port whose VM is gone', [finding('VHG522')], 'True', 'HostReady'],
    ['a port without memory, which is wanted for all', [finding('VHG515'), finding('VHG522')], 'False', 'RequireRunningOvs'],
    ['no knowledge of the kubelet', [finding('VHG505', UNKNOWN)], 'True', 'HostReady'],
    ['no knowledge whether OVS runs', [finding('VHG510', UNKNOWN)], 'Unknown', 'HostUnreadable'],
    ['a rule that crashes', [finding('VHG501', { status: 'error' })], 'Unknown', 'HostUnreadable'],
    ['an error beside what is not known', [finding('VHG510', UNKNOWN), finding('VHG501')], 'False', 'RequireRunningOvs'],
  ])('after %s is %s', ([, findings, status, reason]) => {
    expect(verdict(...findings)).toMatchObject({ status, reason });
  });

  test('names all rules in the annotation, each once, and shows three messages', () => {
    const rules = ['VHG513', 'VHG512', 'VHG513', 'VHG501', 'VHG522', 'VHG502'] as const;
    const { annotation, message } = verdict(...rules.map((rule) => finding(rule)), finding('VHG504', WARNING), finding('VHG505', UNKNOWN));
    expect(JSON.parse(annotation)).toEqual({
      version: 1,
      failed: ['VHG501', 'VHG502', 'VHG512', 'VHG513'],
      ports: ['VHG522'],
      warned: ['VHG504'],
      unknown: ['VHG505'],
    });
    expect(message).toBe('VHG513 VHG513 says so; VHG512 VHG512 says so; VHG513 VHG513 says so; and 2 more');
  });

  test('says in few words of a host that is well what could be better', () => {
    expect(verdict(finding('VHG504', WARNING), finding('VHG520'), finding('VHG505', UNKNOWN)).message).toBe(
      '2 rules find nothing; single ports fail VHG520; warnings of VHG504; not known VHG505',
    );
  });

  test('is Unknown, with why, when the rules could not be asked', () => {
    expect(unjudged(new Error('no memory'))).toMatchObject({ status: 'Unknown', reason: 'HostCheckFailed', message: 'no memory' });
  });

  test('stays within its bounds, whatever rules say', () => {
    const rule = fc.integer({ min: 100, max: 999 }).map((number) => `VHG${number}` as const);
    const findings = fc.array(fc.tuple(rule, fc.string({ maxLength: 3000 })), { maxLength: 200 });
    fc.assert(
      fc.property(findings, (all) => {
        const { message, annotation } = verdict(...all.slice(0, 60).map(([id, text]) => finding(id, { message: text })));
        expect(message.length).toBeLessThanOrEqual(1024);
        expect(annotation.length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 50 },
    );
  });
});

const NOW = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;

/** The Node after the patch, as far as the patch goes. */
function patched(patch: JsonObject | undefined): JsonObject {
  if (patch === undefined) throw new Error('nothing is written');
  return patch;
}

describe('what is written to a Node', () => {
  const dead = verdict(finding('VHG510'));

  test('is the whole condition and the annotation, where nothing was said', () => {
    expect(patchFor({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }, dead, NOW + 999)).toEqual({
      metadata: { annotations: { 'vhostguard.dev/host': '{"version":1,"failed":["VHG510"],"ports":[],"warned":[],"unknown":[]}' } },
      status: {
        conditions: [
          {
            type: 'VhostUserReady',
            status: 'False',
            reason: 'RequireRunningOvs',
            message: 'VHG510 VHG510 says so',
            lastHeartbeatTime: '2026-11-22T12:00:00Z',
            lastTransitionTime: '2026-11-22T12:00:00Z',
          },
        ],
      },
    });
  });

  test('is nothing while nothing changed, but a heartbeat every five minutes, which is no transition', () => {
    const node = patched(patchFor({}, dead, NOW));
    expect(patchFor(node, dead, NOW + 5 * MINUTE - 1)).toBeUndefined();
    const times = { lastHeartbeatTime: '2026-11-22T12:05:00Z', lastTransitionTime: '2026-11-22T12:00:00Z' };
    expect(patchFor(node, dead, NOW + 5 * MINUTE)).toMatchObject({ status: { conditions: [times] } });
  });

  test.for<[string, HostVerdict]>([
    ['another status', verdict()],
    ['another reason', verdict(finding('VHG511', { name: 'require-dpdk' }))],
    ['another rule that fails', verdict(finding('VHG510'), finding('VHG511'))],
  ])('is %s at once', ([, next]) => {
    const node = patched(patchFor({}, dead, NOW));
    const since = next.status === 'False' ? '2026-11-22T12:00:00Z' : '2026-11-22T12:01:00Z';
    expect(patchFor(node, next, NOW + MINUTE)).toMatchObject({ status: { conditions: [{ lastTransitionTime: since }] } });
  });

  test('is not another text of the same findings: counters in it would write for ever', () => {
    const node = patched(patchFor({}, dead, NOW));
    expect(patchFor(node, verdict(finding('VHG510', { message: '17 packets lost' })), NOW + MINUTE)).toBeUndefined();
  });

  test.for<[string, JsonObject]>([
    ['a condition without times', { status: { conditions: [{ type: 'VhostUserReady', status: 'False', reason: 'RequireRunningOvs' }] } }],
    ['a heartbeat of tomorrow', patched(patchFor({}, dead, NOW + 24 * 60 * MINUTE))],
    ['no lists and mappings at all', { metadata: [], status: 'none' }],
  ])('mends %s', ([, node]) => {
    expect(patchFor(node, dead, NOW)).toMatchObject({ status: { conditions: [{ lastHeartbeatTime: '2026-11-22T12:00:00Z' }] } });
  });
});

describe('what is read of a Node', () => {
  test('is what the agent wrote', () => {
    const node = patched(patchFor({}, verdict(finding('VHG515'), finding('VHG510')), NOW));
    expect(readHostFault(Field.root(node, []))).toEqual({ reason: 'RequireRunningOvs', rules: ['VHG510', 'VHG515'] });
    expect(readHostFault(Field.root(patchFor({}, verdict(), NOW), []))).toBeUndefined();
    expect(readHostFault(Field.root(patchFor({}, unjudged('x'), NOW), []))).toBeUndefined();
  });

  test('never fails on what somebody else wrote there', () => {
    const condition = fc.record({ type: fc.constant('VhostUserReady'), status: fc.constant('False'), reason: fc.jsonValue() });
    const annotation = fc.oneof(fc.jsonValue(), fc.json());
    fc.assert(
      fc.property(condition, annotation, (each, text) => {
        const node = { metadata: { annotations: { 'vhostguard.dev/host': text } }, status: { conditions: [each] } };
        const fault = readHostFault(Field.root(node, []));
        expect(fault?.reason).toMatch(/^[A-Za-z]\w*$/);
      }),
    );
  });
});
