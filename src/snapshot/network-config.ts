import { isObject, type JsonObject } from '../core/json.ts';

/** What rules read of a network, in lower case, as the CNI ignores case. IPAM plugins keep passwords beside it. */
const KEYS: ReadonlySet<string> = new Set(['type', 'plugins']);
const USERSPACE_KEYS: ReadonlySet<string> = new Set([...KEYS, 'host', 'container']);

/** Stands for a text that is no JSON, of which nobody can tell what it holds. */
const UNREADABLE = 'no JSON';

/** A network's `spec.config` with what rules read of it, laid out so that changes show line by line. */
export function keepNetworkConfig(config: unknown): string | undefined {
  if (typeof config !== 'string') return undefined;
  if (config.trim() === '') return '';
  const value = parse(config);
  if (!isObject(value)) return UNREADABLE;
  const kept = keepKeys(value).flatMap(([key, member]) => {
    if (key.toLowerCase() !== 'plugins') return [[key, member]];
    return Array.isArray(member) ? [[key, member.map(keepPlugin)]] : [];
  });
  return `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keepPlugin(plugin: unknown): unknown {
  if (!isObject(plugin)) return null;
  return Object.fromEntries(keepKeys(plugin).filter(([key]) => key.toLowerCase() !== 'plugins'));
}

function isUserspace(plugin: JsonObject): boolean {
  return Object.entries(plugin).some(([key, value]) => key.toLowerCase() === 'type' && value === 'userspace');
}

function keepKeys(object: JsonObject): [string, unknown][] {
  const keys = isUserspace(object) ? USERSPACE_KEYS : KEYS;
  return Object.entries(object).filter(([key]) => keys.has(key.toLowerCase()));
}
