import { describe, expect, test } from 'vitest';
import { explainRule } from '../src/catalogue/explain.ts';
import { catalogueMarkdown, ruleTable, withRuleTable } from '../src/catalogue/markdown.ts';
import { explain } from '../src/cli/explain.ts';
import { rules } from '../src/cli/rules.ts';
import { AppError } from '../src/core/errors.ts';
import type { RuleMeta } from '../src/engine/rule.ts';
import { RULES } from '../src/rules/index.ts';

/** What a command writes to stdout. */
function outputOf(command: (io: { stdout: { write(text: string): void } }) => number): string {
  let output = '';
  expect(command({ stdout: { write: (text) => (output += text) } })).toBe(0);
  return output;
}

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (thrown) {
    return thrown;
  }
}

const META: RuleMeta = {
  id: 'VHG999',
  name: 'require-a-pipe',
  title: 'Require a | in titles',
  why: `${'The first paragraph is long enough to be broken at the width of a terminal, wherever the source broke it.\n'.repeat(2)}
- a list keeps its lines
- all of them`,
  remedy: 'Write `|`.',
  severity: 'warning',
  targets: ['workload', 'pod'],
  needs: ['networkAttachmentDefinition', 'kubeVirt', 'nodes'],
  fix: 'unsafe',
  since: '0.1.0',
  sources: ['https://example.com/a', 'https://example.com/b'],
  falsePositives: 'None.',
  example: { file: 'virtual-machine.yaml', good: '  a: 1\n  b: 2\n', bad: '  a: 2\n' },
};

describe('explain', () => {
  test('lays a rule out in sections', async () => {
    await expect(explainRule(META)).toMatchFileSnapshot('data/explained-rule.txt');
  });

  test.for(['vhg101', 'require-hugepages', 'Require-Hugepages'])('takes %s for VHG101', (rule) => {
    expect(outputOf((io) => explain({ rule }, io))).toMatch(/^VHG101 require-hugepages \(error\)\n/);
  });

  test.for(RULES.map(({ meta }) => meta.id))('has all of %s in its output', (id) => {
    const meta = RULES.map((rule) => rule.meta).find((candidate) => candidate.id === id);
    const words = outputOf((io) => explain({ rule: id }, io)).replace(/\s+/g, ' ');
    for (const text of [meta?.title, meta?.why, meta?.remedy, meta?.falsePositives, ...(meta?.sources ?? [])]) {
      expect(words).toContain(text?.replace(/\s+/g, ' ').trim());
    }
  });

  test.for([
    ['require-hugepage', 'did you mean "require-hugepages"? "vhostguard rules" lists them all'],
    ['zzzzzz', '"vhostguard rules" lists them all'],
    ['constructor', '"vhostguard rules" lists them all'],
    ['', '"vhostguard rules" lists them all'],
  ])('refuses the unknown rule "%s" as a mistake of usage', ([rule = '', hint]) => {
    const thrown = thrownBy(() => explain({ rule }, { stdout: { write: () => undefined } }));
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'USAGE', message: `there is no rule ${JSON.stringify(rule)}`, hint });
  });
});

describe('rules', () => {
  test('lists every rule once, by id', () => {
    const [heading, ...lines] = outputOf((io) => rules({ output: 'text' }, io))
      .trimEnd()
      .split('\n');
    expect(heading).toMatch(/^id +name +severity +fix +title$/);
    expect(lines.map((line) => line.slice(0, 6))).toEqual(RULES.map(({ meta }) => meta.id).sort());
  });

  test('gives all metadata as JSON, with the kinds that the rule judges', () => {
    const { version, rules: listed } = JSON.parse(outputOf((io) => rules({ output: 'json' }, io)));
    expect(version).toBe(1);
    expect(listed).toHaveLength(RULES.length);
    const hugepages = RULES.find(({ meta }) => meta.id === 'VHG101')?.meta;
    expect(listed.find(({ id }: { id: string }) => id === 'VHG101')).toEqual({
      ...Object.fromEntries(Object.entries(hugepages ?? {}).filter(([key]) => key !== 'targets')),
      kinds: [
        { group: 'kubevirt.io', kind: 'VirtualMachineInstance' },
        { group: 'kubevirt.io', kind: 'VirtualMachine' },
        { group: 'kubevirt.io', kind: 'VirtualMachineInstanceReplicaSet' },
        { group: 'pool.kubevirt.io', kind: 'VirtualMachinePool' },
      ],
    });
  });

  test('prints docs/rules.md as markdown', () => {
    expect(outputOf((io) => rules({ output: 'markdown' }, io))).toBe(catalogueMarkdown(RULES));
  });
});

describe('a page in markdown', () => {
  test('keeps a title with a bar in one cell', () => {
    expect(
      ruleTable([{ meta: META }], 'docs/rules.md')
        .split('\n')
        .at(-1),
    ).toBe('| [VHG999](docs/rules.md#vhg999-require-a-pipe) | require-a-pipe | warning | unsafe | Require a \\| in titles |');
  });

  test('shows the example as the change that breaks it', () => {
    expect(catalogueMarkdown([{ meta: META }])).toContain('```diff\n-  a: 1\n-  b: 2\n+  a: 2\n```');
  });

  test('renews the table of a README and nothing else', () => {
    const readme = 'before\n<!-- rules:begin -->\nold\n<!-- rules:end -->\nafter\n';
    const renewed = withRuleTable(readme, [{ meta: META }]);
    expect(renewed).toBe(`before\n<!-- rules:begin -->\n${ruleTable([{ meta: META }], 'docs/rules.md')}\n<!-- rules:end -->\nafter\n`);
    expect(withRuleTable(renewed, [{ meta: META }])).toBe(renewed);
  });

  test.for(['', '<!-- rules:end --><!-- rules:begin -->', '<!-- rules:begin -->'])('refuses a README without markers: "%s"', (readme) => {
    expect(() => withRuleTable(readme, [])).toThrow('the README must have the lines <!-- rules:begin --> and <!-- rules:end -->');
  });
});
