import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtProgram } from './support/built-program.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { ROOT } from './support/walls.ts';

interface Package {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const { version, bin, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Package;

/** What `npm pack` says, without the build before it, which `builtProgram` has done. */
function pack(...flags: string[]): { readonly filename: string; readonly files: readonly { readonly path: string }[] } {
  const text = execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...flags], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (JSON.parse(text) as ReturnType<typeof pack>[])[0] as ReturnType<typeof pack>;
}

beforeAll(() => {
  builtProgram();
});

describe('the package', () => {
  test('holds what runs and what it reads, and none of the sources and tests', () => {
    const paths = pack('--dry-run').files.map(({ path }) => path);
    const compiled = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `dist/${name.replace(/ts$/, 'js')}`);
    const examples = readdirSync(join(ROOT, 'deploy/examples')).map((name) => `deploy/examples/${name}`);
    for (const path of [...compiled, ...examples, 'test/data/sample-review.json', 'docs/configuration.md', 'README.md', 'LICENSE'])
      expect(paths).toContain(path);
    expect(paths.filter((path) => /^(?:src|bench|certs)\//.test(path))).toEqual([]);
    expect(paths.filter((path) => path.startsWith('test/'))).toEqual(['test/data/sample-review.json']);
  });

  test('works where only it and its dependencies are installed', () => {
    const directory = temporaryDirectory();
    const modules = join(directory, 'node_modules');
    mkdirSync(join(modules, '.bin'), { recursive: true });
    const { filename } = pack('--pack-destination', directory);
    execFileSync('tar', ['-xzf', join(directory, filename), '-C', modules]);
    symlinkSync('package', join(modules, 'vhostguard'));
    rmSync(join(directory, filename));
    for (const name of Object.keys(dependencies)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    const run = (program: string, ...argv: string[]) => {
      symlinkSync(join('..', 'vhostguard', String(bin[program])), join(modules, '.bin', program));
      return spawnSync(process.execPath, [join(modules, '.bin', program), ...argv], { cwd: directory, encoding: 'utf8' });
    };
    const check = run('vhostguard', 'check', '-R', 'node_modules/vhostguard/deploy/examples');
    expect(check.stderr).toBe('');
    expect(check.stdout).toMatch(/fail: 0, warn: 0, error: 0/);
    expect(check.status).toBe(0);
    const plugin = run('kubectl-vhostguard', '--help');
    expect(plugin.stdout).toMatch(/^Usage: kubectl vhostguard \[options\]/);
    expect(plugin.status).toBe(0);
  });

  test('says its version', () => {
    expect(execFileSync(process.execPath, [builtProgram(), '--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
  });
});
