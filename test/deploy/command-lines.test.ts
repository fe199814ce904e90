import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/commands.ts';
import { describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { workloadsOf } from '../support/workloads.ts';

const SILENT = { write: () => undefined };

/** What the program does not understand of a command line; nothing is run. */
function misunderstood([name = '', ...argv]: readonly string[]): string[] {
  const io = { stdout: SILENT, stderr: SILENT, stdin: async () => Buffer.from(''), isTerminal: false, env: {}, now: () => new Date(0) };
  const program = createProgram({ ...io, onSignal: () => undefined }, () => undefined);
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return [name];
  command.exitOverride();
  try {
    const { operands, unknown } = command.parseOptions([...argv]);
    return [...operands, ...unknown];
  } catch (thrown) {
    if (thrown instanceof CommanderError) return [thrown.message];
    throw thrown;
  }
}

describe('the comparison with the program', () => {
  test.for([
    [['reign'], ['reign']],
    [
      ['serve', '--listen', '0.0.0.0:9443', '--lisen', 'x'],
      ['--lisen', 'x'],
    ],
    [['serve', '--log-level'], ["error: option '--log-level <level>' argument missing"]],
  ] as const)('%j is not understood', ([argv, expected]) => {
    expect(misunderstood(argv)).toEqual(expected);
  });
});

for (const overlay of OVERLAYS) {
  describeDeployed(`the command lines of deploy/overlays/${overlay}`, () => {
    const containers = workloadsOf(kustomized(`overlays/${overlay}`)).flatMap(({ podSpec }) => podSpec.containers);

    test('are understood by the program', () => {
      expect(containers.map(({ args }) => args?.[0])).toEqual(['controller', 'serve']);
      for (const { args = [] } of containers) expect({ args, misunderstood: misunderstood(args) }).toEqual({ args, misunderstood: [] });
    });

    test('name only variables and files that the pod has', () => {
      for (const { args = [], env = [], volumeMounts = [] } of containers) {
        const variables = args.flatMap((argument) => /^\$\((\w+)\)$/.exec(argument)?.[1] ?? []);
        for (const variable of variables) expect(env.map(({ name }) => name)).toContain(variable);
        const files = args.filter((argument) => argument.startsWith('/'));
        const directories = volumeMounts.map(({ mountPath }) => mountPath);
        for (const file of files) expect(directories.some((directory) => `${file}/`.startsWith(`${directory}/`))).toBe(true);
      }
    });
  });
}

describeDeployed('the image', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  const dockerfile = readFileSync('Dockerfile', 'utf8');

  test('has the version of the package, in every overlay', () => {
    for (const overlay of OVERLAYS) {
      const images = workloadsOf(kustomized(`overlays/${overlay}`)).flatMap(({ podSpec }) => podSpec.containers.map(({ image }) => image));
      expect(images).toEqual([`vhostguard:${version}`, `vhostguard:${version}`]);
    }
    expect(dockerfile).toContain(`docker build -t vhostguard:${version} .`);
  });

  test('is of Node 24, and of a user that is told by number and is not root', () => {
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim']);
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });

  test('is made of nothing that .dockerignore leaves out', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
    expect([...new Set(copied.map((source) => source.replace(/^\.\//, '')))].sort()).toEqual(allowed.sort());
  });
});
