import type { Send } from '../cluster/writes.ts';
import { CONFIGURATION_NAME, type WebhookTarget } from '../controller/webhook-configurations.ts';
import { describeError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import { DEFAULT_SETTINGS } from '../core/settings.ts';
import type { DoctorOptions, Examination, Registered, SettingsInForce } from './examination.ts';
import { type Place, type Reading, readObject } from './reading.ts';

/** As `deploy/` has them. */
const INSTALLED = { namespace: 'vhostguard', service: 'vhostguard-webhook', port: 443, configMap: 'vhostguard' } as const;

/** Where the API server has the webhook configurations of a plural. */
export function configurationsAt(plural: string): Place {
  return { group: 'admissionregistration.k8s.io', version: 'v1', plural };
}

/** Looks up what all checks go by. @throws AppError CLUSTER_UNREACHABLE */
export async function examine(options: DoctorOptions): Promise<Examination> {
  const { send } = options;
  const registered = {
    mutating: await readObject(send, { ...configurationsAt('mutatingwebhookconfigurations'), name: CONFIGURATION_NAME }),
    validating: await readObject(send, { ...configurationsAt('validatingwebhookconfigurations'), name: CONFIGURATION_NAME }),
  };
  const target = targetOf(options, registered);
  return { ...options, registered, target, inForce: await settingsInForce(options, target) };
}

/** The webhooks of a configuration; none where it is not there. */
export function webhooksIn(configuration: Reading<JsonObject>): JsonObject[] {
  const webhooks = configuration.state === 'found' ? configuration.value['webhooks'] : undefined;
  return Array.isArray(webhooks) ? webhooks.filter(isObject) : [];
}

/** Where the webhooks are meant to be: by the flags, else by what is registered, else as `deploy/` installs them. */
function targetOf({ webhookUrl, namespace }: DoctorOptions, { mutating, validating }: Registered): WebhookTarget {
  if (webhookUrl !== undefined) return { at: 'url', url: webhookUrl };
  const config = [...webhooksIn(validating), ...webhooksIn(mutating)].map((webhook) => webhook['clientConfig']).find(isObject);
  const url = config?.['url'];
  if (typeof url === 'string' && URL.canParse(url) && namespace === undefined) return { at: 'url', url: new URL(url).origin };
  const registered = (key: string): unknown => valueAt(config, ['service', key]);
  const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
  const port = registered('port');
  return {
    at: 'service',
    namespace: namespace ?? text(registered('namespace'), INSTALLED.namespace),
    name: text(registered('name'), INSTALLED.service),
    port: typeof port === 'number' ? port : INSTALLED.port,
  };
}

async function settingsInForce(options: DoctorOptions, target: WebhookTarget): Promise<SettingsInForce> {
  if (options.settings !== undefined) return { settings: options.settings, isKnown: true, origin: 'as --config says' };
  if (target.at === 'url') return assumed('the defaults are assumed; webhooks at a URL have their configuration in a file');
  const text = await configurationText(options.send, target.namespace);
  if (text.state === 'refused') return assumed(`the defaults are assumed: ${text.why}`);
  if (text.state === 'absent') return { settings: DEFAULT_SETTINGS, isKnown: true, origin: 'the defaults: there is no ConfigMap' };
  try {
    const origin = `as the ConfigMap ${target.namespace}/${INSTALLED.configMap} says`;
    return { settings: await options.readSettings(text.value), isKnown: true, origin };
  } catch (thrown) {
    return { ...assumed('the defaults are assumed'), fault: describeError(thrown) };
  }
}

function assumed(origin: string): SettingsInForce {
  return { settings: DEFAULT_SETTINGS, isKnown: false, origin };
}

async function configurationText(send: Send, namespace: string): Promise<Reading<string>> {
  const place = { group: '', version: 'v1', plural: 'configmaps', namespace, name: INSTALLED.configMap };
  const reading = await readObject(send, place);
  if (reading.state !== 'found') return reading;
  const text = valueAt(reading.value, ['data', 'config.yaml']);
  return typeof text === 'string' ? { state: 'found', value: text } : { state: 'absent' };
}
