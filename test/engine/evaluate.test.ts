import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { AnyRule } from '../../src/engine/rule.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { RULES } from '../../src/rules/index.ts';
import { engineOver, TODAY } from '../support/fixture.ts';
import { CONTEXT, goodVmi, vmiWithoutHugepages } from '../support/vmi.ts';

function verdictOf(object: JsonObject, settings: Partial<Settings> = {}) {
  const judgement = engineOver(CONTEXT, { ...DEFAULT_SETTINGS, ...settings }).judge(subjectOf(object, 'default'));
  const brief = judgement.findings.map(({ rule, status, reason }) => [rule, status, ...(reason === undefined ? [] : [reason])]);
  return { allowed: judgement.verdict.allowed, findings: brief };
}

test('accepts a good VMI without a word', () => {
  expect(verdictOf(goodVmi())).toEqual({ allowed: true, findings: [] });
});

test('denies what breaks a rule of severity error', () => {
  expect(verdictOf(vmiWithoutHugepages())).toEqual({ allowed: false, findings: [['VHG101', 'fail']] });
});

describe('enforcement', () => {
  test('warn allows and says so', () => {
    const expected = { allowed: true, findings: [['VHG101', 'warn', 'enforcement is warn']] };
    expect(verdictOf(vmiWithoutHugepages(), { enforcement: 'warn' })).toEqual(expected);
    expect(verdictOf(vmiWithoutHugepages(), { rules: { VHG101: 'warn' } })).toEqual(expected);
  });

  test('dryrun allows and only reports', () => {
    expect(verdictOf(vmiWithoutHugepages(), { enforcement: 'dryrun' })).toEqual({
      allowed: true,
      findings: [['VHG101', 'skip', 'enforcement is dryrun']],
    });
  });

  test('a rule may be stricter than the rest', () => {
    expect(verdictOf(vmiWithoutHugepages(), { enforcement: 'warn', rules: { VHG101: 'deny' } }).allowed).toBe(false);
  });

  test('off runs nothing', () => {
    expect(verdictOf(vmiWithoutHugepages(), { rules: { VHG101: 'off' } })).toEqual({ allowed: true, findings: [] });
  });

  test('dryrun repairs nothing', () => {
    const { patch } = engineOver(CONTEXT, { ...DEFAULT_SETTINGS, enforcement: 'dryrun' }).judge(
      subjectOf(goodVmi({ nodeSelector: {} }), 'default'),
    );
    expect(patch).toEqual([]);
  });
});

describe('exemptions', () => {
  const annotated = (value: string): JsonObject => vmiWithoutHugepages({ annotations: { 'vhostguard.dev/exempt': value } });

  test.for(['VHG101=lab VM', 'require-hugepages=lab VM', ' VHG101 = lab VM ; '])('an annotation with a reason exempts: %s', (value) => {
    expect(verdictOf(annotated(value))).toEqual({ allowed: true, findings: [['VHG101', 'skip', 'exempt: lab VM']] });
  });

  test.for(['VHG101', 'VHG101=', 'VHG101=  ', '*=all'])(
    'an annotation without rule or reason exempts nothing and is reported: %s',
    (value) => {
      const { allowed, findings } = verdictOf(annotated(value));
      expect(allowed).toBe(false);
      expect(findings.map(([rule]) => rule)).toEqual(['VHG101', 'VHG190']);
    },
  );

  test('a reason may hold an equals sign', () => {
    expect(verdictOf(annotated('VHG101=ticket=42')).findings).toEqual([['VHG101', 'skip', 'exempt: ticket=42']]);
  });

  test('the setting turns annotations off', () => {
    const { allowed, findings } = verdictOf(annotated('VHG101=lab VM'), { allowAnnotations: false });
    expect(allowed).toBe(false);
    expect(findings.map(([rule]) => rule)).toEqual(['VHG101', 'VHG190']);
  });

  const configured = { rules: ['VHG101'], namespaces: ['nfv'], names: ['vm'], reason: 'migrating', owner: 'platform', expires: TODAY };

  test('a configured one holds up to its last day', () => {
    expect(verdictOf(vmiWithoutHugepages(), { exemptions: [configured] }).findings).toEqual([['VHG101', 'skip', 'exempt: migrating']]);
    expect(verdictOf(vmiWithoutHugepages(), { exemptions: [{ ...configured, expires: '2026-11-21' }] })).toEqual({
      allowed: false,
      findings: [['VHG101', 'fail', 'the exemption "migrating" expired on 2026-11-21']],
    });
  });

  test.for([{ namespaces: ['other'] }, { names: ['other'] }, { rules: ['VHG104'] }])(
    'a configured one covers only what it names: %j',
    (change) => {
      expect(verdictOf(vmiWithoutHugepages(), { exemptions: [{ ...configured, ...change }] }).allowed).toBe(false);
    },
  );

  test('an exempt finding is not repaired', () => {
    const object = goodVmi({ nodeSelector: {} }, { annotations: { 'vhostguard.dev/exempt': 'VHG110=all nodes are alike' } });
    expect(engineOver(CONTEXT).judge(subjectOf(object, 'default'))).toMatchObject({ patch: [], verdict: { allowed: true } });
  });
});

describe('on UPDATE', () => {
  const update = (oldObject: JsonObject, object: JsonObject) =>
    engineOver(CONTEXT).judge({ ...subjectOf(object, 'default'), operation: 'UPDATE', oldObject });

  test('what the old object had only warns', () => {
    const judgement = update(vmiWithoutHugepages(), vmiWithoutHugepages({ labels: { app: 'x' } }));
    expect(judgement.verdict.allowed).toBe(true);
    expect(judgement.findings).toMatchObject([{ rule: 'VHG101', status: 'warn', reason: 'the object had this before the update' }]);
  });

  test('what the update brings denies', () => {
    expect(update(goodVmi(), vmiWithoutHugepages()).verdict.denials).toMatchObject([{ rule: 'VHG101' }]);
  });

  test('what the old object had is not repaired, so that a label change stays one', () => {
    const before = goodVmi({ nodeSelector: {} });
    expect(update(before, goodVmi({ nodeSelector: {} }, { labels: { app: 'x' } })).patch).toEqual([]);
    expect(update(goodVmi(), before).patch).toHaveLength(1);
  });
});

describe('scope', () => {
  test('an excluded namespace is left alone', () => {
    expect(verdictOf(vmiWithoutHugepages({ namespace: 'kube-system' }))).toEqual({ allowed: true, findings: [] });
  });

  test('a NIC on a known vhost-user network is vhost-user whatever its binding', () => {
    const domain = (goodVmi()['spec'] as { readonly domain: JsonObject }).domain;
    const bridged = goodVmi({ domain: { ...domain, devices: { interfaces: [{ name: 'dpdk', bridge: {} }] } } });
    expect(verdictOf(bridged).findings.map(([rule]) => rule)).toEqual(['VHG108']);
  });

  test('a registered binding is vhost-user by its name or its sidecar', () => {
    const context = [
      {
        apiVersion: 'kubevirt.io/v1',
        kind: 'KubeVirt',
        spec: { configuration: { network: { binding: { fastpath: { sidecarImage: 'r/vhost-user:1' }, passt: {} } } } },
      },
    ];
    const named = (name: string): JsonObject => ({
      ...goodVmi({ domain: { devices: { interfaces: [{ name: 'dpdk', binding: { name } }] } } }),
    });
    expect(engineOver(context).judge(subjectOf(named('fastpath'), 'x')).inScope).toBe(true);
    expect(engineOver(context).judge(subjectOf(named('passt'), 'x')).inScope).toBe(false);
  });
});

test('a rule that crashes is a finding, and the others still run', () => {
  const crash: AnyRule = {
    meta: { ...(RULES[0] as AnyRule).meta, id: 'VHG999', name: 'crash' },
    // biome-ignore lint/correctness/useYield: it throws first
    *check() {
      throw new TypeError('boom');
    },
  };
  const inventory = new MemoryInventory({ isComplete: false, description: 'nothing', defaultNamespace: 'default' });
  const engine = createEngine({ rules: [crash, ...RULES], inventory, settings: DEFAULT_SETTINGS, today: TODAY });
  const { findings, verdict } = engine.judge(subjectOf(vmiWithoutHugepages(), 'default'));
  expect(findings.filter(({ status }) => status === 'error')).toMatchObject([{ rule: 'VHG999', message: 'rule VHG999 failed: boom' }]);
  expect(verdict.denials.map(({ rule }) => rule)).toEqual(['VHG101']);
  expect(verdict.warnings.map(({ rule }) => rule)).toContain('VHG999');
});
