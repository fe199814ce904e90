import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readStream } from '../../src/cli/read-text.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { asUnprivileged } from '../support/unprivileged.ts';

const MACHINE = 'deploy/examples/virtual-machine.yaml';
const MEBIBYTE = 1024 * 1024;

/** A directory that others may look into, with one good manifest. */
function directoryWithMachine(): string {
  const root = temporaryDirectory();
  chmodSync(root, 0o755);
  writeFileSync(join(root, 'vm.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n');
  return root;
}

/** Runs a check that must end in 3, with everything readable still judged. @returns what is said of the rest */
async function unreadable(argv: readonly string[], stdin?: Buffer): Promise<Record<string, string>> {
  const { exitCode, stdout, stderr } = await runCli(['check', '-o', 'json', ...argv, MACHINE], stdin === undefined ? {} : { stdin });
  expect(exitCode).toBe(3);
  expect(stdout + stderr).not.toMatch(/\n\s+at |internal error/);
  const { errors, summary } = JSON.parse(stdout) as {
    errors: { file: string; message: string; hint: string }[];
    summary: { inScope: number };
  };
  expect(summary.inScope).toBe(1);
  for (const { hint } of errors) expect(hint).toMatch(/./);
  return Object.fromEntries(errors.map(({ file, message }) => [file, message]));
}

describe('size', () => {
  test('of a sparse file of 200 MB', async () => {
    const file = join(temporaryDirectory(), 'huge.yaml');
    closeSync(openSync(file, 'w'));
    truncateSync(file, 200 * MEBIBYTE);
    expect(await unreadable([file])).toEqual({ [file]: 'it has 200 MiB, and at most 64 MiB are read' });
    for (const command of ['mutate', 'fix', 'graph']) {
      const { exitCode, stderr } = await runCli([command, file]);
      expect([command, exitCode]).toEqual([command, 3]);
      expect(stderr).toContain(`${file}: it has 200 MiB, and at most 64 MiB are read\n  hint: `);
    }
  });

  test('of a device that never ends', async () => {
    expect(await unreadable(['/dev/zero'])).toEqual({ '/dev/zero': 'it has more than 64 MiB, and at most 64 MiB are read' });
  });

  test('of standard input, of which no more is read than is needed to know', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        read += 1;
        yield Buffer.alloc(MEBIBYTE, ' ');
      }
    }
    const stdin = await readStream(endless());
    expect(read).toBe(65);
    expect(await unreadable(['-'], stdin)).toEqual({ '<stdin>': 'it has more than 64 MiB, and at most 64 MiB are read' });
  });
});

describe('content', () => {
  test.for<[string, Buffer, RegExp]>([
    ['an image', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /^it is no UTF-8 text$/],
    ['UTF-16', Buffer.from('\uFEFFkind: Pod\n', 'utf16le'), /^it is no UTF-8 text$/],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01\0\0\0'), /^control character U\+007F|^NUL byte|^control character U\+0002/],
    ['a gzip file', Buffer.from('1f8b0800000000000003', 'hex'), /^it is no UTF-8 text$/],
  ])('that is %s', async ([, bytes, message]) => {
    const file = join(temporaryDirectory(), 'binary.yaml');
    writeFileSync(file, bytes);
    expect((await unreadable([file]))[file]).toMatch(message);
    expect((await unreadable(['-'], bytes))['<stdin>']).toMatch(message);
  });

  test('with a key twice, at the second one', async () => {
    const file = join(temporaryDirectory(), 'vm.yaml');
    writeFileSync(file, 'kind: Pod\nmetadata:\n  name: a\n  name: b\n');
    const { exitCode, stdout } = await runCli(['check', file]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/vm\.yaml:4:3: cannot read: .*"name".*\n/);
  });
});

describe('paths', () => {
  test('that lead nowhere', async () => {
    const root = directoryWithMachine();
    const file = join(root, 'vm.yaml');
    symlinkSync('loop.yaml', join(root, 'loop.yaml'));
    const long = join(root, 'x'.repeat(300));
    expect(await unreadable([join(root, 'absent'), join(file, 'below'), join(root, 'loop.yaml'), long])).toEqual({
      [join(root, 'absent')]: 'there is no such file or directory',
      [join(file, 'below')]: 'a part of its path is a file and no directory',
      [join(root, 'loop.yaml')]: 'its symbolic links lead in a circle',
      [long]: 'its name is too long',
    });
  });

  test('that permissions close, at every depth, with the rest judged', async () => {
    const root = directoryWithMachine();
    for (const name of ['closed', 'deep/closed', 'deep/open']) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['closed.yaml', 'deep/open/vm.yaml']) writeFileSync(join(root, name), 'kind: Pod\n');
    for (const name of ['closed', 'deep/closed', 'closed.yaml']) chmodSync(join(root, name), 0);
    onTestFinished(() => {
      for (const name of ['closed', 'deep/closed']) chmodSync(join(root, name), 0o755);
    });
    const expected = Object.fromEntries(
      ['closed', 'closed.yaml', 'deep/closed'].map((name) => [join(root, name), 'reading it is not permitted']),
    );
    expect(await asUnprivileged(() => unreadable(['-R', root]))).toEqual(expected);
    const matched = await asUnprivileged(() => unreadable([join(root, '**/*.yaml')]));
    expect(Object.fromEntries(Object.entries(matched).map(([path, message]) => [path.replace(/\/$/, ''), message]))).toEqual(expected);
    expect(await asUnprivileged(() => unreadable([join(root, 'closed', 'vm.yaml')]))).toEqual({
      [join(root, 'closed', 'vm.yaml')]: 'reading it is not permitted',
    });
  });

  test('of links that lead in a circle, whatever they are called', async () => {
    const root = directoryWithMachine();
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    expect(await unreadable(['-R', root])).toEqual({
      [join(root, 'a')]: 'its symbolic links lead in a circle',
      [join(root, 'b')]: 'its symbolic links lead in a circle',
    });
  });

  test('of pipes: one in a directory is not waited for', async () => {
    const root = directoryWithMachine();
    const pipe = join(root, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    expect(await unreadable([root])).toEqual({ [pipe]: 'it is no file but a pipe, a socket or a device' });
  });
});

describe('a pipe that is named, as <(helm template chart) is one', () => {
  /** A pipe into which a file is written once. */
  function pipeOf(file: string): string {
    const pipe = join(temporaryDirectory(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    spawn('cp', [file, pipe], { stdio: 'ignore' });
    return pipe;
  }

  test('is read', async () => {
    const { exitCode, stdout } = await runCli(['check', '-o', 'json', pipeOf(MACHINE)]);
    expect(JSON.parse(stdout)).toMatchObject({ summary: { objects: 1, inScope: 1 }, errors: [] });
    expect(exitCode).toBe(0);
  });

  test('is not looked at again when it is no text', async () => {
    const file = join(temporaryDirectory(), 'binary');
    writeFileSync(file, Buffer.from('1f8b0800000000000003', 'hex'));
    const pipe = pipeOf(file);
    expect(await unreadable([pipe])).toEqual({ [pipe]: 'it is no UTF-8 text' });
  });
});
