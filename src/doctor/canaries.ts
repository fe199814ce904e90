import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Enforcement, Settings } from '../core/settings.ts';
import { isServed } from './api-server.ts';
import { type Fate, fateOf } from './canary-fate.ts';
import { deniedCanary, plainCanary, repairedCanary } from './canary-objects.ts';
import type { Check } from './check.ts';
import type { Examination, SettingsInForce } from './examination.ts';
import { pathOf } from './reading.ts';

type Judgement = Omit<Check, 'title'>;

const DENIED = 'a VMI without hugepages is denied';
const REPAIRED = 'a VMI without a node is repaired';
const PLAIN = 'a plain VM passes untouched';

/** The rules that deny a canary, and the one that repairs one. */
const DENYING = ['VHG101', 'VHG104'];
const REPAIRING = 'VHG110';

/**
 * Asks the API server what it would do with three objects. Each is created with `dryRun=All`, which passes all webhooks and keeps
 * nothing. @throws AppError CLUSTER_UNREACHABLE
 */
export async function* checkCanaries(examination: Examination): AsyncGenerator<Check> {
  const { inForce } = examination;
  const skipped = await reasonToSkip(examination);
  if (skipped !== undefined) {
    yield { title: 'canaries', ...skipped };
    return;
  }
  const { settings } = inForce;
  const denying = DENYING.map((rule) => enforcementOf(rule, settings));
  if (denying.includes('deny'))
    yield { title: DENIED, ...judgeDenied(await tryCanary(examination, 'virtualmachineinstances', deniedCanary(settings)), inForce) };
  else yield { title: DENIED, state: 'skip', detail: `enforcement is ${denying[0]}: nothing is denied` };
  const repairing = enforcementOf(REPAIRING, settings);
  if (repairing === 'deny' || repairing === 'warn')
    yield { title: REPAIRED, ...judgeRepaired(await tryCanary(examination, 'virtualmachineinstances', repairedCanary(settings)), inForce) };
  else yield { title: REPAIRED, state: 'skip', detail: `enforcement is ${repairing}: nothing is repaired` };
  const plain = plainCanary();
  yield { title: PLAIN, ...judgePlain(plain, await tryCanary(examination, 'virtualmachines', plain)) };
}

function enforcementOf(rule: string, { rules, enforcement }: Settings): Enforcement {
  return rules[rule] ?? enforcement;
}

async function reasonToSkip({ send, canaryNamespace, inForce, target }: Examination): Promise<Judgement | undefined> {
  if (!(await isServed(send, 'kubevirt.io', 'v1'))) return { state: 'skip', detail: 'KubeVirt is not installed: there is nothing to try' };
  const own = target.at === 'service' ? [target.namespace] : [];
  if (!['kube-system', ...own, ...inForce.settings.namespaces.exclude].includes(canaryNamespace)) return undefined;
  const detail = `the namespace ${canaryNamespace} is excluded from the webhooks`;
  return { state: 'skip', detail, hint: 'name another one with --canary-namespace: nothing is created there' };
}

async function tryCanary({ sendCanary, canaryNamespace }: Examination, plural: string, canary: JsonObject): Promise<Fate> {
  const place = { group: 'kubevirt.io', version: 'v1', plural, namespace: canaryNamespace };
  return fateOf(await sendCanary('POST', `${pathOf(place)}?dryRun=All`, canary), place);
}

function judgeDenied(fate: Fate, { isKnown }: SettingsInForce): Judgement {
  if (fate.fate === 'allowed') {
    const unless = isKnown ? '' : ', unless the configuration turns enforcement down: name it with --config';
    return { state: 'fail', detail: 'it was let through', hint: `no webhook of vhostguard was asked about it${unless}` };
  }
  if (fate.fate !== 'denied' || !fate.isOurs) return judgeOthers(fate);
  if (fate.rules.length === 0)
    return { state: 'fail', detail: `denied without naming a rule: ${fate.message}`, hint: 'look at the log of the webhooks' };
  return { state: 'ok', detail: `denied for ${fate.rules.join(', ')}` };
}

function judgeRepaired(fate: Fate, { settings, isKnown }: SettingsInForce): Judgement {
  if (fate.fate === 'allowed') {
    const selector = valueAt(fate.object, ['spec', 'nodeSelector']);
    const labels = isObject(selector) ? Object.keys(selector) : [];
    if (labels.includes(settings.placement.label) || (!isKnown && labels.length > 0))
      return { state: 'ok', detail: `got the nodeSelector ${labels.join(', ')}` };
    return {
      state: 'fail',
      detail: 'it came back as it was',
      hint: 'the API server skips the mutating webhook when it cannot call it: look at its log',
    };
  }
  if (fate.fate !== 'denied' || !fate.isOurs) return judgeOthers(fate);
  const detail = `denied for ${fate.rules.join(', ')}`;
  if (fate.rules.includes(REPAIRING))
    return {
      state: 'fail',
      detail: `it was not repaired, and ${detail}`,
      hint: 'the mutating webhook is not called, the validating one is',
    };
  return { state: 'warn', detail, hint: 'the repair cannot be seen: the configuration does not allow the exemption that the canary has' };
}

function judgePlain(sent: JsonObject, fate: Fate): Judgement {
  if (fate.fate === 'denied' && fate.isOurs)
    return { state: 'fail', detail: `denied by vhostguard: ${fate.message}`, hint: 'this is a bug in vhostguard: please report it' };
  if (fate.fate !== 'allowed') return judgeOthers(fate);
  const isTouched =
    valueAt(fate.object, ['spec', 'template', 'spec', 'nodeSelector']) !== undefined || !isKept(sent['spec'], fate.object['spec']);
  if (!isTouched) return { state: 'ok' };
  return { state: 'warn', detail: 'it came back changed', hint: 'some mutating webhook does that: see which others there are above' };
}

/** What has nothing to do with the verdict of vhostguard, or comes before it. */
function judgeOthers(fate: Exclude<Fate, { readonly fate: 'allowed' }>): Judgement {
  if (fate.fate === 'refused')
    return {
      state: 'fail',
      detail: fate.why,
      hint: 'it takes the permission to create, although nothing is kept, and a namespace that there is: --canary-namespace',
    };
  if (fate.fate === 'denied')
    return {
      state: 'warn',
      detail: `denied by the webhook ${fate.webhook} of somebody else: ${fate.message}`,
      hint: 'vhostguard cannot be seen behind it',
    };
  const detail = `the API server cannot call the webhook ${fate.webhook}: ${fate.message}`;
  if (!fate.isOurs) return { state: 'warn', detail, hint: 'that one is not of vhostguard, which cannot be seen behind it' };
  return { state: 'fail', detail, hint: 'objects with a vhost-user NIC are refused: docs/runbook.md begins with the off-switch' };
}

/** True when all of `sent` is in `got`; others may have filled in defaults. */
function isKept(sent: unknown, got: unknown): boolean {
  if (!isObject(sent) || !isObject(got))
    return isDeepStrictEqual(sent, got) || (Array.isArray(sent) && Array.isArray(got) && areKept(sent, got));
  return Object.entries(sent).every(([key, value]) => isKept(value, got[key]));
}

function areKept(sent: readonly unknown[], got: readonly unknown[]): boolean {
  return sent.length === got.length && sent.every((each, index) => isKept(each, got[index]));
}
