import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../src/configuration/parse.ts';
import { CONFIGURATION_SCHEMA } from '../../src/configuration/schema.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { RULES } from '../../src/rules/index.ts';

const PAGE = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const [COMPLETE = '', ...EXAMPLES] = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => String(match[1]));
const HEAD = 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n';
const references = RULES.map(({ meta }) => meta);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The text from one heading `### \`key\`` to the next. */
function section(key: string): string {
  return new RegExp(`^### \`${key}\`\\n([\\s\\S]*?)(?=^##|\\Z)`, 'm').exec(`${PAGE}\n## end`)?.[1] ?? '';
}

const { apiVersion: _apiVersion, kind: _kind, ...settings } = CONFIGURATION_SCHEMA.properties;

test('the complete example is the default of every key', () => {
  expect(parseConfiguration(COMPLETE, 'docs/configuration.md', references).settings).toEqual(DEFAULT_SETTINGS);
  expect([...COMPLETE.matchAll(/^\w+/gm)].map(([key]) => key)).toEqual(Object.keys(CONFIGURATION_SCHEMA.properties));
});

test.for(Object.entries(settings as Record<string, Schema>))(
  '%s has a section that names each of its keys and a default',
  ([key, schema]) => {
    expect(section(key)).toMatch(/default/);
    for (const member of Object.keys(schema.properties ?? schema.items?.properties ?? {})) {
      expect(section(key)).toContain(`| \`${member}\` |`);
    }
  },
);

test.for(EXAMPLES.map((text) => [text.split('\n')[0], text] as const))('the example of %s is valid', ([, text]) => {
  expect(() => parseConfiguration(HEAD + text, 'docs/configuration.md', references)).not.toThrow();
});
