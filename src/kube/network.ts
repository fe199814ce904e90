import { Field, type ShapeProblem } from '../core/field.ts';
import type { JsonObject } from '../core/json.ts';
import type { Subject } from '../core/subject.ts';

/** `spec.config` as text and, where that is JSON, as a field to read from. */
export type NetworkConfig =
  | { readonly state: 'absent' }
  | { readonly state: 'invalid'; readonly text: string }
  | { readonly state: 'json'; readonly text: string; readonly root: Field };

/** What rules read of a NetworkAttachmentDefinition. */
export interface Network {
  readonly target: 'network';
  readonly namespace: string;
  readonly name: string;
  readonly root: Field;
  /** The field `spec.config`. */
  readonly configField: Field;
  readonly config: NetworkConfig;
  /** The configuration of the userspace CNI plugin, top level or in `plugins[]`; read its members with `getFold`. */
  readonly userspace: Field | undefined;
  /** True when VMs on this network get a vhost-user socket. */
  readonly isVhostUser: boolean;
  readonly problems: readonly ShapeProblem[];
  readonly inScope: boolean;
}

/** A config that does not parse is ours when it says so: otherwise nobody could tell whose it is. */
const MENTIONS_US = /userspace|vhost-?user/i;

export function readNetwork(subject: Subject): Network {
  const problems: ShapeProblem[] = [];
  const root = Field.root(subject.object, problems);
  const configField = root.get('spec').get('config');
  const config = readConfig(configField, problems);
  const userspace = config.state === 'json' ? findUserspacePlugin(config.root) : undefined;
  const host = userspace?.getFold('host');
  const iftype = host?.getFold('iftype').string();
  const isMemif = iftype === 'memif' && host?.getFold('engine').string() === 'vpp';
  const isUnparsedOurs = config.state === 'invalid' && MENTIONS_US.test(config.text);
  return {
    target: 'network',
    namespace: subject.namespace,
    name: subject.name,
    root,
    configField,
    config,
    userspace,
    isVhostUser: iftype === 'vhostuser',
    problems,
    inScope: isUnparsedOurs || (userspace !== undefined && !isMemif),
  };
}

function readConfig(field: Field, problems: ShapeProblem[]): NetworkConfig {
  const text = field.string();
  if (text === undefined || text.trim() === '') return { state: 'absent' };
  try {
    const value = JSON.parse(text) as JsonObject;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { state: 'invalid', text };
    return { state: 'json', text, root: Field.root(value, problems, field.path) };
  } catch {
    return { state: 'invalid', text };
  }
}

function findUserspacePlugin(config: Field): Field | undefined {
  if (config.getFold('type').value === 'userspace') return config;
  const plugins = config.getFold('plugins');
  if (!Array.isArray(plugins.value)) return undefined;
  return plugins.items().find((plugin) => plugin.getFold('type').value === 'userspace');
}
