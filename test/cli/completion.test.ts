import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/commands.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SHELLS = ['bash', 'zsh', 'fish'];
const scripts = new Map<string, string>();

beforeAll(async () => {
  for (const shell of SHELLS) scripts.set(shell, (await runCli(['completion', shell])).stdout);
});

/** What bash, as it splits a line into words itself, offers for the last of them. */
function offered(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `${scripts.get('bash')}
COMP_WORDS=(vhostguard ${quoted}); COMP_CWORD=${words.length}
_vhostguard
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash', () => {
  test.for<[string, string[], string[]]>([
    ['commands', ['ce'], ['certs']],
    ['flags before a command', ['-'], ['--help', '--version']],
    ['flags of a command', ['check', '--fail'], ['--fail-on', '--fail-on-unknown', '--fail-if-empty']],
    ['the values of a flag', ['check', '--fail-on', ''], ['error', 'warning', 'info', 'never']],
    ['the value behind =', ['check', '--fail-on', '=', 'w'], ['warning']],
    ['all values behind =', ['rules', '--output', '='], ['text', 'json', 'markdown']],
    ['formats of that command', ['test', '-o', 'j'], ['json', 'junit']],
    ['formats after an argument', ['check', 'vm.yaml', '-o', 'sa'], ['sarif']],
    ['rules', ['explain', 'VHG11'], ['VHG110', 'VHG111', 'VHG112', 'VHG113', 'VHG114']],
    ['shells', ['completion', ''], SHELLS],
    ['commands below a command', ['host', 's'], ['snapshot']],
    ['a command below another', ['host', 'w'], ['watch']],
    ['nothing after a command below another', ['host', 'watch', ''], []],
    ['flags of the one below that is meant', ['host', 'snapshot', '--ro'], ['--root']],
    ['no flags of the others below', ['host', 'snapshot', '--inter'], []],
    ['values of a flag below', ['host', 'watch', '--interval', '1', '-o', ''], ['text', 'json']],
    ['the flags of a command, not of one of that name below another', ['check', '--vs'], []],
    ['formats and artefacts of a plan', ['host', 'plan', '--emit', 'm'], ['machine-config', 'manifests']],
    ['formats of a command below', ['host', 'check', '-o', 'sa'], ['sarif']],
    ['commands to be helped with', ['help', 'gr'], ['graph']],
    ['nothing where a name is wanted', ['check', '-n', ''], []],
    ['nothing it does not know', ['nonsense', '-'], []],
  ])('offers %s', ([, words, expected]) => {
    expect(offered(...words)).toEqual(expected);
  });

  test.for([[['check', 'v']], [['check', '--config', 'v']], [['check', '-o', 'sarif', '=', 'v']], [['serve', '--certs-dir', 'v']]])(
    'leaves %j to bash, which completes names of files',
    ([words = []]) => {
      expect(offered(...words)).toEqual([]);
      const file = join(temporaryDirectory(), 'completion.bash');
      writeFileSync(file, String(scripts.get('bash')));
      const { stdout } = spawnSync('bash', ['--norc', '-c', `source ${file}; complete -p vhostguard`], { encoding: 'utf8' });
      expect(stdout).toBe('complete -o default -F _vhostguard vhostguard\n');
    },
  );
});

describe.for(SHELLS)('%s', (shell) => {
  const io = { stdout: { write: () => 0 }, stderr: { write: () => 0 } } as unknown as Parameters<typeof createProgram>[0];
  const commands = createProgram(io, () => undefined)
    .commands.flatMap((command) => [command, ...command.commands])
    .map((command) => ({
      name: command.name(),
      flags: command.options.flatMap(({ long, hidden }) => (hidden || long === undefined || long === null ? [] : [long.slice(2)])),
    }));

  test('knows every command and every flag', () => {
    const script = String(scripts.get(shell));
    for (const { name, flags } of commands) {
      expect(script).toMatch(new RegExp(`\\b${name}\\b`));
      for (const flag of flags) expect(script).toMatch(new RegExp(shell === 'fish' ? `from ${name}' .*-l ${flag}\\b` : `--${flag}\\b`));
    }
    expect(commands.length).toBeGreaterThan(9);
  });

  test('has its quotes in pairs', () => {
    const unescaped = String(scripts.get(shell)).replaceAll(/^#.*$|\\\\|\\'/gm, '');
    expect((unescaped.match(/'/g) ?? []).length % 2).toBe(0);
  });
});

test('another shell is a usage error that names the three', async () => {
  const { exitCode, stderr } = await runCli(['completion', 'tcsh']);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish');
  expect(exitCode).toBe(2);
});
