import { describe, expect, test } from 'vitest';
import { splitTemplates } from '../../src/manifest/helm-templates.ts';

/** What `helm template` prints: in the order of installation, so that a template's documents need not stand together. */
const PRINTED = `---
# Source: chart/templates/net.yaml
kind: A

---
# Source: chart/templates/vm.yaml
kind: B
text: |
  # Source: not/this.yaml
  --- nor this
---
# Source: chart/templates/net.yaml
kind: C
`;

describe('templates', () => {
  test('are what `helm template --show-only` prints of each', () => {
    expect(splitTemplates(PRINTED)).toEqual([
      {
        source: 'chart/templates/net.yaml',
        text: '---\n# Source: chart/templates/net.yaml\nkind: A\n---\n# Source: chart/templates/net.yaml\nkind: C\n',
      },
      {
        source: 'chart/templates/vm.yaml',
        text: '---\n# Source: chart/templates/vm.yaml\nkind: B\ntext: |\n  # Source: not/this.yaml\n  --- nor this\n',
      },
    ]);
  });

  test('that a filter took the first `---` from begin with it all the same', () => {
    expect(splitTemplates('# Source: a.yaml\nkind: A\n')).toEqual([{ source: 'a.yaml', text: '---\n# Source: a.yaml\nkind: A\n' }]);
  });

  test('leave what has no name on the lines where it stands', () => {
    const others = 'kind: A\n---\nkind: B\n';
    const [template, rest] = splitTemplates(`${others}---\n# Source: a.yaml\nkind: C\n---\nkind: D\n`);
    expect(template?.source).toBe('a.yaml');
    expect(rest).toEqual({ text: `${others}\n\n\n---\nkind: D\n` });
  });

  test.for(['', 'kind: A\n', 'kind: A\n# Source: a.yaml\n', 'kind: A\n---\nkind: B # Source: a.yaml\n', '---\n# Source: \nkind: A\n'])(
    '%j has none',
    (text) => expect(splitTemplates(text)).toEqual([{ text }]),
  );

  test('keep Windows line ends out of their names', () => {
    expect(splitTemplates('---\r\n# Source: a.yaml\r\nkind: A\r\n').map(({ source }) => source)).toEqual(['a.yaml']);
  });
});
