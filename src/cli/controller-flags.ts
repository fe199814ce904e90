import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { LOCAL_HOSTS } from '../certificates/self-signed.ts';
import type { WebhookTarget } from '../controller/webhook-configurations.ts';
import { AppError } from '../core/errors.ts';
import type { LogLevel } from '../telemetry/log-level.ts';

/** The flags of `vhostguard controller`, as text where they are text on the command line. */
export interface ControllerFlags {
  readonly kubeconfig?: string;
  readonly inCluster?: true;
  readonly certsDir: string;
  readonly webhookUrl?: string;
  readonly namespace?: string;
  readonly service?: string;
  readonly ownerClusterRole?: string;
  readonly injectCaFrom?: string;
  readonly config?: string;
  readonly healthListen: string;
  readonly logLevel: LogLevel;
}

/** What the webhooks of a controller are, and whose. */
export interface ControllerScope {
  readonly target: WebhookTarget;
  /** Names that the serving certificate must have. */
  readonly hosts: readonly string[];
  /** Tells controllers apart that would register different webhooks. */
  readonly registeredBy: string;
}

/** The port of the Service. */
const SERVICE_PORT = 443;

/** @throws AppError USAGE when the flags name no webhooks, or two */
export function scopeOf(flags: ControllerFlags): ControllerScope {
  const { webhookUrl, namespace, service, certsDir } = flags;
  if (flags.kubeconfig !== undefined && flags.inCluster) throw usage('--kubeconfig and --in-cluster name two clusters', 'name one of them');
  if (webhookUrl !== undefined && service !== undefined) throw usage('--webhook-url and --service name two webhooks', 'name one of them');
  if (webhookUrl !== undefined) {
    const url = originOf(webhookUrl);
    const hosts = [...new Set([...LOCAL_HOSTS, new URL(url).hostname.replace(/^\[|\]$/g, '')])];
    return { target: { at: 'url', url }, hosts, registeredBy: `${url}, certificates in ${placeOf(certsDir)} on ${hostname()}` };
  }
  if (service === undefined || namespace === undefined)
    throw usage(
      'the controller must know where the webhooks are',
      'name them with --webhook-url https://127.0.0.1:9443, or in a cluster with --namespace and --service',
    );
  for (const [flag, value] of [['--namespace', namespace] as const, ['--service', service] as const])
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value))
      throw usage(`${flag} must be a DNS label, not ${JSON.stringify(value)}`, `for example ${flag} vhostguard`);
  const host = `${service}.${namespace}.svc`;
  const target = { at: 'service', namespace, name: service, port: SERVICE_PORT } as const;
  return { target, hosts: [host, `${host}.cluster.local`, `${service}.${namespace}`], registeredBy: `the Service ${namespace}/${service}` };
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url?.protocol === 'https:' && ['', '/'].includes(url.pathname) && url.search + url.hash + url.username === '';
  if (url === undefined || !isOrigin)
    throw usage(
      `--webhook-url must be https://HOST:PORT without a path, not ${JSON.stringify(text)}`,
      'for example https://127.0.0.1:9443',
    );
  return url.origin;
}

/** The directory itself, whatever it is called from here. */
function placeOf(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return resolve(directory);
  }
}

function usage(message: string, hint: string): AppError {
  return new AppError('USAGE', message, { hint });
}
