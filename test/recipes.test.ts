import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtProgram } from './support/built-program.ts';
import { manifestRepository } from './support/repository-with-manifests.ts';

const PAGE = readFileSync('docs/ci.md', 'utf8');

/** The fenced blocks below a comment, with what stands in the comment. */
function marked(word: string, language: string): { readonly value: string; readonly text: string }[] {
  const blocks = PAGE.matchAll(new RegExp(`<!-- ${word}(?:: (.+?))? -->\\n\\n\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'));
  return [...blocks].map(([, value = '', text = '']) => ({ value, text }));
}

/** The first block of YAML in a section. */
function yamlOf(heading: string, index = 0): unknown {
  const section = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return parse([...section.matchAll(/```yaml\n([\s\S]*?)```/g)][index]?.[1] ?? '');
}

const FILES = Object.fromEntries(marked('file', 'yaml').map(({ value, text }) => [value, text]));

describe('the shell blocks of docs/ci.md do what they say', () => {
  const blocks = marked('tried', 'sh');

  test('there is one in each section that has a shell', () => {
    expect(blocks.length).toBe(PAGE.split('<!-- tried').length - 1);
    expect(blocks.length).toBeGreaterThan(8);
  });

  test.for(blocks.map(({ value, text }) => [text.trim(), value] as const))('%s', ([script, value]) => {
    const { exitCode, output } = manifestRepository(FILES).run(script);
    expect({ exitCode, output }).toEqual({ exitCode: value === '' ? 0 : Number(value.replace('exit ', '')), output });
    expect(output).not.toMatch(/cannot read|internal error/);
  });
});

test('the GitLab job runs, and writes its report', () => {
  const { vhostguard: job } = yamlOf('GitLab CI') as {
    vhostguard: { script: string[]; artifacts: { reports: { junit: string } } };
  };
  const repository = manifestRepository();
  const { exitCode, output } = repository.run(job.script.join('\n'));
  expect(exitCode).toBe(1);
  expect(output).toContain('VHG101');
  expect(readFileSync(join(repository.directory, job.artifacts.reports.junit), 'utf8')).toContain('<testsuites');
});

describe('the GitHub action', () => {
  interface Step {
    readonly name?: string;
    readonly id?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
  }
  const action = parse(readFileSync('action.yml', 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
    readonly outputs: Readonly<Record<string, { readonly value: string }>>;
    readonly runs: { readonly steps: readonly Step[] };
  };
  const workflow = yamlOf('GitHub Actions') as { readonly jobs: { readonly check: { readonly steps: readonly Step[] } } };
  const step = workflow.jobs.check.steps.find(({ id }) => id === 'vhostguard');

  /** The variables of a step, as the runner fills them in. */
  function environment(name: string, values: Readonly<Record<string, string>>): Record<string, string> {
    const { env = {} } = action.runs.steps.find((one) => one.name === name) ?? {};
    const fill = (text: string): string => text.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => values[expression] ?? '?');
    return Object.fromEntries(Object.entries(env).map(([key, value]) => [key, fill(value)]));
  }

  function inputs(given: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(action.inputs).map(([key, input]) => [`inputs.${key}`, given[key] ?? input.default ?? '']));
  }

  test('has the inputs and outputs that the workflow in the documentation uses', () => {
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? { none: '' })));
    expect(PAGE.match(/steps\.vhostguard\.outputs\.(\w+)/)?.[1]).toBe(Object.keys(action.outputs)[0]);
  });

  test.for([
    ['as the documentation uses it', step?.with ?? {}, 0],
    ['without inputs', {}, 1],
    ['with a glob', { paths: 'manifests/**/v*.yaml', args: '--fail-on error' }, 1],
  ] as const)('checks %s: annotations, SARIF and the exit code', ([, given, expected]) => {
    const repository = manifestRepository();
    const env = environment('Check', { ...inputs(given), 'steps.install.outputs.program': builtProgram() });
    const script = action.runs.steps.find(({ name }) => name === 'Check')?.run ?? '';
    const { exitCode, output } = repository.run(script, { ...env, GITHUB_WORKSPACE: repository.directory });
    expect({ exitCode, output }).toEqual({ exitCode: expected, output });
    expect(output).toContain('file=manifests/vm.yaml,line=');
    const sarif = JSON.parse(readFileSync(join(repository.directory, 'vhostguard.sarif'), 'utf8')) as { readonly version: string };
    expect(sarif.version).toBe('2.1.0');
  });

  test('hands no input to the shell as code', () => {
    for (const { run } of action.runs.steps) expect(run ?? '').not.toContain('${{');
  });
});

describe('the pre-commit hooks', () => {
  const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8')) as readonly { readonly id: string; readonly entry: string }[];

  test('are those of the documentation', () => {
    const { repos } = yamlOf('pre-commit') as { readonly repos: readonly { readonly hooks: readonly { readonly id: string }[] }[] };
    expect(repos[0]?.hooks.map(({ id }) => id).sort()).toEqual(hooks.map(({ id }) => id).sort());
  });

  test('check judges the files that are given to it', () => {
    const [entry] = hooks.filter(({ id }) => id === 'vhostguard-check').map((hook) => hook.entry);
    expect(manifestRepository().run(`${entry} manifests/vm.yaml vhostguard.yaml`).exitCode).toBe(1);
    expect(manifestRepository().run(`${entry} vhostguard.yaml`).exitCode).toBe(0);
  });

  test('fix changes files, which is how pre-commit knows', () => {
    const [entry] = hooks.filter(({ id }) => id === 'vhostguard-fix').map((hook) => hook.entry);
    const repository = manifestRepository();
    expect(repository.run(`${entry} manifests/vm.yaml manifests/network.yaml`).exitCode).toBe(0);
    expect(repository.run('git diff --name-only').output).toBe('manifests/vm.yaml\n');
  });
});
