import type { Send } from '../cluster/writes.ts';
import type { WebhookTarget } from '../controller/webhook-configurations.ts';
import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import type { RuleMeta } from '../engine/rule.ts';
import type { Reading } from './reading.ts';

/** What the doctor is given. */
export interface DoctorOptions {
  /** For reads. */
  readonly send: Send;
  /** For canaries: it waits for all webhooks of the cluster. */
  readonly sendCanary: Send;
  /** Where the product is installed; otherwise what its webhook configurations say. */
  readonly namespace?: string | undefined;
  /** Where webhooks outside of the cluster are, without a path; otherwise what the webhook configurations say. */
  readonly webhookUrl?: string | undefined;
  /** Where canaries would be created. */
  readonly canaryNamespace: string;
  /** The rules that are in force. */
  readonly rules: readonly Pick<RuleMeta, 'targets' | 'fix'>[];
  /** Of a configuration file that the user named. */
  readonly settings?: Settings | undefined;
  /** Reads the text of a configuration. @throws AppError CONFIG_INVALID */
  readonly readSettings: (text: string) => Promise<Settings>;
  /** Longest wait for a TLS handshake, in milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Both webhook configurations as the API server has them. */
export interface Registered {
  readonly mutating: Reading<JsonObject>;
  readonly validating: Reading<JsonObject>;
}

/** What all checks go by. */
export interface Examination extends DoctorOptions {
  readonly registered: Registered;
  readonly target: WebhookTarget;
  readonly inForce: SettingsInForce;
}

/** The settings that the webhooks have, as far as that is known. */
export interface SettingsInForce {
  readonly settings: Settings;
  /** False where these are the defaults for want of better. */
  readonly isKnown: boolean;
  /** Where they are from, in words. */
  readonly origin: string;
  /** What is wrong with those of the cluster. */
  readonly fault?: string;
}
