import { REGISTERED_BY } from '../controller/registration.ts';
import {
  CONFIGURATION_NAME,
  OWNERSHIP,
  type WebhookConfiguration,
  type WebhookTarget,
  webhookConfigurations,
} from '../controller/webhook-configurations.ts';
import { driftOf, withForeignTrust } from '../controller/webhook-drift.ts';
import type { JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Check } from './check.ts';
import type { Examination, SettingsInForce } from './examination.ts';
import { webhooksIn } from './examine.ts';
import type { Reading } from './reading.ts';

/** That both webhook configurations are there, are ours, and are as the controller makes them. */
export function checkConfigurations({ registered, target, inForce, rules }: Examination): Check[] {
  const [mutating, validating] = webhookConfigurations({ target, rules, settings: inForce.settings });
  return [
    checkSettings(inForce),
    checkConfiguration(registered.mutating, mutating, { target, inForce }),
    checkConfiguration(registered.validating, validating, { target, inForce }),
  ];
}

function checkSettings({ isKnown, origin, fault }: SettingsInForce): Check {
  const title = 'configuration';
  if (fault !== undefined)
    return {
      title,
      state: 'fail',
      detail: `${origin}: ${fault}`,
      hint: 'what runs goes on with the last good one; mend it before the next start',
    };
  if (!isKnown) return { title, state: 'skip', detail: origin, hint: 'name the configuration that the webhooks have with --config' };
  return { title, state: 'ok', detail: origin };
}

interface Meant {
  readonly target: WebhookTarget;
  readonly inForce: SettingsInForce;
}

function checkConfiguration(found: Reading<JsonObject>, wanted: WebhookConfiguration, { target, inForce }: Meant): Check {
  const title = wanted.kind;
  if (found.state === 'refused') return { title, state: 'fail', detail: found.why, hint: 'allow it, or ask whoever may' };
  if (found.state === 'absent')
    return {
      title,
      state: 'fail',
      detail: `there is no ${CONFIGURATION_NAME}: nothing is checked`,
      hint: 'start the controller: it registers both',
    };
  const stranger = strangerOf(found.value);
  if (stranger !== undefined)
    return {
      title,
      state: 'fail',
      detail: `${CONFIGURATION_NAME} is not ours: ${stranger}`,
      hint: 'remove it to have the controller register its own',
    };
  const drift = driftOf(found.value, withForeignTrust(found.value, wanted));
  const { length } = webhooksIn(found);
  if (drift.length === 0)
    return { title, state: 'ok', detail: `${length} ${length === 1 ? 'webhook' : 'webhooks'} at ${describeTarget(target)}` };
  const detail = `not as the controller makes it: ${drift.join(', ')}`;
  // What a configuration decides is no fault where the configuration is not known.
  if (!inForce.isKnown && drift.every((each) => /^(namespaceSelector|matchConditions) of /.test(each)))
    return { title, state: 'warn', detail, hint: 'if the webhooks have a configuration, name it with --config' };
  return { title, state: 'fail', detail, hint: 'a controller of this version corrects it within seconds: look if it runs, and at its log' };
}

/** Who manages a configuration that is not ours to manage. */
function strangerOf(found: JsonObject): string | undefined {
  const owner = valueAt(found, ['metadata', 'labels', OWNERSHIP.label]);
  if (owner === OWNERSHIP.value || typeof valueAt(found, ['metadata', 'annotations', REGISTERED_BY]) === 'string') return undefined;
  return owner === undefined ? 'somebody else made it' : `it is managed by ${String(owner)}`;
}

function describeTarget(target: WebhookTarget): string {
  return target.at === 'url' ? target.url : `the Service ${target.namespace}/${target.name}`;
}
