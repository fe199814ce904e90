import type { Answer } from '../cluster/api-server.ts';
import type { Send } from '../cluster/writes.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Logger } from '../telemetry/logger.ts';
import { describeRefusal } from './refusal.ts';
import { OWNERSHIP, type WebhookConfiguration } from './webhook-configurations.ts';
import { corrected, driftOf, withForeignTrust } from './webhook-drift.ts';

/** The annotation that tells two controllers apart which would register different webhooks. */
export const REGISTERED_BY = 'vhostguard.dev/registered-by';

const GROUP = 'admissionregistration.k8s.io';

/** Times that a configuration is read again because somebody else wrote it in between. */
const MOST_CONFLICTS = 10;

export interface RegistrationOptions {
  readonly send: Send;
  readonly logger: Logger;
  /** What this controller registers, in words: the same for controllers that register the same. */
  readonly registeredBy: string;
}

/**
 * Keeps webhook configurations in the API server as they must be.
 *
 * Of two controllers with different webhooks the one that was started last wins, once: the other sees that it was replaced and stands
 * back, so that they do not undo each other for ever.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  /** Kinds that were registered by this controller. */
  readonly #registered = new Set<string>();

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** Writes what is not as wanted. @returns why that could not be done; empty when all is well. @throws AppError CLUSTER_UNREACHABLE */
  async ensure(wanted: readonly WebhookConfiguration[]): Promise<string[]> {
    const obstacles: string[] = [];
    for (const configuration of wanted) {
      const obstacle = await this.#ensureOne(configuration);
      if (obstacle === undefined) this.#registered.add(configuration.kind);
      else obstacles.push(obstacle);
    }
    return obstacles;
  }

  /** Removes what this controller registered. @returns why something is still there. @throws AppError CLUSTER_UNREACHABLE */
  async remove(wanted: readonly Pick<WebhookConfiguration, 'kind' | 'metadata'>[]): Promise<string[]> {
    const obstacles: string[] = [];
    for (const configuration of wanted) {
      const obstacle = await this.#removeOne(configuration);
      if (obstacle !== undefined) obstacles.push(obstacle);
    }
    return obstacles;
  }

  async #ensureOne(wanted: WebhookConfiguration): Promise<string | undefined> {
    const { send } = this.#options;
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      const answer = await send('GET', pathOf(wanted, wanted.metadata.name));
      if (answer.status !== 200 && answer.status !== 404) return refused(answer, 'get', wanted);
      const result = answer.status === 404 ? await this.#create(wanted) : await this.#correct(answer, wanted);
      if (result !== 'again') return result;
    }
    return `the ${wanted.kind} ${wanted.metadata.name} is written by others all the time`;
  }

  async #create(wanted: WebhookConfiguration): Promise<string | 'again' | undefined> {
    const answer = await this.#options.send('POST', pathOf(wanted), wanted);
    if (answer.status === 409) return 'again';
    if (answer.status !== 201) return refused(answer, 'create', wanted);
    const isBack = this.#registered.has(wanted.kind);
    this.#options.logger[isBack ? 'warn' : 'info'](
      isBack ? `put back the ${nameOf(wanted)}, which somebody had deleted` : `registered the ${nameOf(wanted)}`,
    );
    return undefined;
  }

  async #correct({ body }: Answer, configuration: WebhookConfiguration): Promise<string | 'again' | undefined> {
    const found = isObject(body) ? body : {};
    const obstacle = this.#standBack(found, configuration);
    if (obstacle !== undefined) return obstacle;
    const wanted = withForeignTrust(found, configuration);
    const drift = driftOf(found, wanted);
    if (drift.length === 0) return undefined;
    const answer = await this.#options.send('PUT', pathOf(wanted, wanted.metadata.name), corrected(found, wanted));
    if (answer.status === 409 || answer.status === 404) return 'again';
    if (answer.status !== 200) return refused(answer, 'update', wanted);
    this.#options.logger.info(`corrected the ${nameOf(wanted)}: ${drift.join(', ')}`);
    return undefined;
  }

  /** Why a configuration must be left as it is. */
  #standBack(found: JsonObject, wanted: WebhookConfiguration): string | undefined {
    const { owner, registeredBy } = ownershipOf(found);
    if (owner !== OWNERSHIP.value && registeredBy === undefined) {
      const whose = owner === undefined ? 'somebody else made it' : `it is managed by ${owner}`;
      return `the ${nameOf(wanted)} is not touched, ${whose}: remove it to have it registered by this controller`;
    }
    if (registeredBy === this.#options.registeredBy || registeredBy === undefined) return undefined;
    if (this.#registered.has(wanted.kind))
      return `another controller, for ${registeredBy}, has taken over the ${nameOf(wanted)}: stop one of the two`;
    this.#options.logger.warn(`takes over the ${nameOf(wanted)} from the controller for ${registeredBy}`);
    return undefined;
  }

  async #removeOne(configuration: Pick<WebhookConfiguration, 'kind' | 'metadata'>): Promise<string | undefined> {
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      const answer = await this.#options.send('GET', pathOf(configuration, configuration.metadata.name));
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) return refused(answer, 'get', configuration);
      const result = await this.#removeFound(isObject(answer.body) ? answer.body : {}, configuration);
      if (result !== 'again') return result;
    }
    return `the ${nameOf(configuration)} is written by others all the time`;
  }

  /** Removes what was looked at, and nothing that came in its place. */
  async #removeFound(found: JsonObject, configuration: Pick<WebhookConfiguration, 'kind' | 'metadata'>): Promise<string | undefined> {
    const { send, logger, registeredBy } = this.#options;
    if (ownershipOf(found).registeredBy !== registeredBy) return undefined;
    const { uid, resourceVersion } = isObject(found['metadata']) ? found['metadata'] : {};
    const removal = await send('DELETE', pathOf(configuration, configuration.metadata.name), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
    });
    if (removal.status === 409) return 'again';
    if (removal.status !== 200 && removal.status !== 404) return refused(removal, 'delete', configuration);
    logger.info(`removed the ${nameOf(configuration)}`);
    return undefined;
  }
}

function ownershipOf({ metadata }: JsonObject): { readonly owner: string | undefined; readonly registeredBy: string | undefined } {
  const { labels, annotations } = isObject(metadata) ? metadata : {};
  const text = (map: unknown, key: string): string | undefined => {
    const value = isObject(map) && Object.hasOwn(map, key) ? map[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return { owner: text(labels, OWNERSHIP.label), registeredBy: text(annotations, REGISTERED_BY) };
}

function pluralOf({ kind }: Pick<WebhookConfiguration, 'kind'>): string {
  return `${kind.toLowerCase()}s`;
}

function pathOf(configuration: Pick<WebhookConfiguration, 'kind'>, name?: string): string {
  return `/apis/${GROUP}/v1/${pluralOf(configuration)}${name === undefined ? '' : `/${name}`}`;
}

function nameOf({ kind, metadata }: Pick<WebhookConfiguration, 'kind' | 'metadata'>): string {
  return `${kind} ${metadata.name}`;
}

function refused(answer: Answer, verb: string, configuration: Pick<WebhookConfiguration, 'kind'>): string {
  return describeRefusal(answer, { verb, plural: pluralOf(configuration), group: GROUP });
}
