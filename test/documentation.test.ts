import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogueMarkdown, withRuleTable } from '../src/catalogue/markdown.ts';
import { RULES } from '../src/rules/index.ts';

// `npm run docs` runs this file with `--update`, which writes what is expected here.
describe('generated documentation is current (if not: npm run docs)', () => {
  test('docs/rules.md', async () => {
    await expect(catalogueMarkdown(RULES)).toMatchFileSnapshot('../docs/rules.md');
  });

  test('the table of rules in README.md', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    await expect(withRuleTable(readme, RULES)).toMatchFileSnapshot('../README.md');
  });
});
