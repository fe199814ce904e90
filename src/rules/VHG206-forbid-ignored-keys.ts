import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { FORK_KEYS, HALF_KEYS, LIST_KEYS, SECTION_KEYS, type Spellings, UNREAD_KEYS, USERSPACE_KEYS } from './userspace-keys.ts';

export const forbidIgnoredKeys = defineRule({
  meta: {
    id: 'VHG206',
    name: 'forbid-ignored-keys',
    title: 'Forbid keys that the userspace CNI ignores',
    why: `The CNI decodes its configuration with Go's encoding/json, which drops a key it does not know without a word: a misspelt
\`bridgeName\` puts the VM on another bridge, and \`vlanId\`, which the CNI declares but never reads, leaves it on no VLAN at all. Letter
case does not matter to Go, so \`BridgeName\` is read; but of two keys that differ only in case one is lost.`,
    remedy: 'Correct the key, or remove it and set what it should do elsewhere (a VLAN: the OVS port or the guest).',
    severity: 'warning',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/types/types.go',
      'https://pkg.go.dev/encoding/json#Unmarshal',
    ],
    falsePositives: 'Forks of the CNI, such as fivetime/userspace-cni, read more keys.',
    example: {
      file: 'network-default.yaml',
      good: '      "logLevel": "info",\n',
      bad: '      "loglevl": "info",\n',
    },
  },
  *check({ config, userspace }) {
    if (config.state !== 'json' || userspace === undefined) return;
    if (userspace !== config.root) yield* checkKeys(config.root, LIST_KEYS);
    yield* checkKeys(userspace, USERSPACE_KEYS);
    for (const half of ['host', 'container']) {
      const section = userspace.getFold(half);
      yield* checkKeys(section, HALF_KEYS);
      for (const [name, keys] of SECTION_KEYS) yield* checkKeys(section.getFold(name), keys);
    }
  },
});

function* checkKeys(mapping: Field, known: Spellings): Iterable<Violation> {
  const earlier = new Map<string, string>();
  for (const key of Object.keys(mapping.object() ?? {})) {
    const folded = key.toLowerCase();
    const twin = earlier.get(folded);
    earlier.set(folded, key);
    const { path } = mapping.get(key);
    if (twin !== undefined)
      yield {
        path,
        message: `${quote(twin)} and ${quote(key)} are one key to the CNI, and one value is lost: keep only ${quote(known.get(folded) ?? key)}`,
      };
    else if (!known.has(folded)) yield { path, message: `the userspace CNI ignores ${quote(key)}: ${advise(key, known)}` };
  }
}

function advise(key: string, known: Spellings): string {
  const unread = UNREAD_KEYS.get(key.toLowerCase());
  if (unread !== undefined) return unread;
  if (FORK_KEYS.has(key.toLowerCase())) return 'only the fork fivetime/userspace-cni reads it, so remove it or install that';
  const home = homeOf(key);
  if (home !== undefined) return `it belongs into ${home}`;
  const similar = nearest(key, [...known.values()]);
  return similar === undefined ? 'remove it' : `did you mean ${quote(similar)}?`;
}

/** Where a key that stands in the wrong place would be read. */
function homeOf(key: string): string | undefined {
  const folded = key.toLowerCase();
  for (const [name, keys] of SECTION_KEYS) if (keys.has(folded)) return quote(name);
  if (HALF_KEYS.has(folded)) return '"host"';
  return USERSPACE_KEYS.has(folded) ? 'the mapping of type "userspace"' : undefined;
}
