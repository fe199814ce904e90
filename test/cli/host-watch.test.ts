import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CommandIo } from '../../src/cli/io.ts';
import { run } from '../../src/cli/program.ts';
import { answer, serveOvs } from '../support/ovs-server.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A database that has these rows of table Interface, and none of others. */
function databaseOf(rows: readonly object[]): Promise<string> {
  return serveOvs((socket, { id, method, params }) => {
    // What the facts need of the schema is not here, so that only samples know of the ports.
    if (method !== 'transact') return answer(socket, id, {});
    return answer(
      socket,
      id,
      params.slice(1).map(() => ({ rows })),
    );
  });
}

const PORT = { name: 'v0', type: 'dpdkvhostuserclient', options: ['map', [['vhost-server-path', '/run/v0.sock']]], mtu: 1500 };

const SOON = ['--root', temporaryRoot(), '--interval', '0.2', '--timeout', '0.4'];

function temporaryRoot(): string {
  return new URL('../data/host', import.meta.url).pathname;
}

describe('host watch', () => {
  test('without a terminal prints a table for each sample, and no escape codes', async () => {
    const { exitCode, stdout, stderr } = await runCli([
      'host',
      'watch',
      ...SOON,
      '--ovsdb',
      await databaseOf([PORT]),
      '--name',
      'w0',
      '--count',
      '2',
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
    expect(stdout.match(/^w0 {3}12:00:00Z {3}1 port$/gm)).toHaveLength(2);
    expect(stdout.match(/^v0 {4}- {3}\/run\/v0\.sock {2}unknown/gm)).toHaveLength(2);
    expect(stdout).toContain('ovs-vswitchd unreachable since 12:00:00Z (0 s): no ovs-vswitchd*.ctl in');
  });

  test('as json prints a line for each sample', async () => {
    const { stdout } = await runCli(['host', 'watch', ...SOON, '--ovsdb', await databaseOf([PORT]), '--count', '3', '-o', 'json']);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(3);
    for (const record of records)
      expect(record).toMatchObject({ version: 1, ports: [{ name: 'v0', socket: '/run/v0.sock', state: 'unknown' }] });
  });

  test('shows only the ports that were asked for', async () => {
    const ovsdb = await databaseOf([PORT, { ...PORT, name: 'w1' }]);
    const portsWith = async (...flags: string[]) => {
      const { stdout } = await runCli(['host', 'watch', ...SOON, '--ovsdb', ovsdb, '--count', '1', '-o', 'json', ...flags]);
      return JSON.parse(stdout).ports.map(({ name }: { readonly name: string }) => name);
    };
    expect(await portsWith()).toEqual(['v0', 'w1']);
    expect(await portsWith('--ports', 'w*')).toEqual(['w1']);
    expect(await portsWith('--problems')).toEqual([]);
  });

  test('of an OVSDB that says nothing shows that, and does not wait for ever', async () => {
    const ovsdb = await serveOvs(() => undefined);
    const { exitCode, stdout } = await runCli(['host', 'watch', ...SOON, '--ovsdb', ovsdb, '--count', '2', '-o', 'json']);
    expect(exitCode).toBe(0);
    const [record] = stdout.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)));
    expect(record).toMatchObject({
      outage: { server: 'ovsdb-server', reason: expect.stringContaining('not answered within 0.4 s') },
      ports: [],
      findings: [{ rule: 'VHG510' }],
    });
  });

  test.for<[string[], string]>([
    [['--interval', '0.1'], 'at least 0.2 and at most 3600'],
    [['--interval', 'often'], 'seconds are needed'],
    [['--interval', ''], 'seconds are needed'],
    [['--count', '0'], 'a whole number is needed, at least 1'],
    [['--count', '1.5'], 'a whole number is needed'],
    [['--timeout', '0'], '--timeout must be seconds'],
    [['-o', 'yaml'], 'Allowed choices are text, json'],
    [['--config', '/nowhere/at-all.yaml'], '/nowhere/at-all.yaml'],
  ])('refuses %j', async ([flags, message]) => {
    const { exitCode, stdout, stderr } = await runCli(['host', 'watch', '--count', '1', ...flags]);
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: stderr.includes('nowhere') ? exitCode : 2, stdout: '' });
    expect(exitCode).not.toBe(0);
  });

  test('refuses a root that is not there', async () => {
    const { exitCode, stderr } = await runCli(['host', 'watch', '--count', '1', '--root', `${temporaryDirectory()}/none`]);
    expect(stderr).toContain('cannot read the host at');
    expect(exitCode).toBe(3);
  });
});

/** A terminal of a size, and what was written to it. */
class FakeTerminal extends EventEmitter {
  columns = 80;
  rows = 24;
  written = '';

  write(text: string): boolean {
    this.written += text;
    return true;
  }

  /** What stands on it since it was last drawn from its top. */
  get lines(): string[] {
    return stripVTControlCharacters(this.written.split('\x1b[1;1H').at(-1) ?? '').split('\r\n');
  }
}

class FakeKeyboard extends EventEmitter {
  isRaw = false;
  isRead = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  resume(): this {
    this.isRead = true;
    return this;
  }

  pause(): this {
    this.isRead = false;
    return this;
  }
}

describe('host watch on a terminal', () => {
  async function watchOnTerminal(argv: readonly string[], env: Record<string, string> = {}) {
    const [terminal, keyboard] = [new FakeTerminal(), new FakeKeyboard()];
    const io = {
      stdout: terminal,
      stderr: { write: () => 0 },
      stdin: async () => Buffer.from(''),
      isTerminal: true,
      outputTerminal: terminal as unknown as NonNullable<CommandIo['outputTerminal']>,
      keyboard: () => keyboard as unknown as ReturnType<NonNullable<CommandIo['keyboard']>>,
      env,
      now: () => new Date('2026-11-22T12:00:00Z'),
      onSignal: () => undefined,
    };
    const ended = run(['host', 'watch', ...SOON, '--ovsdb', await databaseOf([PORT]), ...argv], io);
    return { terminal, keyboard, ended };
  }

  test.for(['q', 'Q', '\x03'])('draws on a screen of its own, and leaves all as it was on key %j', async (key) => {
    const { terminal, keyboard, ended } = await watchOnTerminal([]);
    await expect.poll(() => terminal.lines.join('\n'), { timeout: 10_000 }).toContain('/run/v0.sock');
    expect(keyboard).toMatchObject({ isRaw: true, isRead: true });
    keyboard.emit('data', Buffer.from(`x${key}`));
    expect(await ended).toBe(0);
    expect(terminal.written.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true);
    expect(terminal.written.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
    expect(keyboard).toMatchObject({ isRaw: false, isRead: false });
    expect(keyboard.listenerCount('data') + terminal.listenerCount('resize')).toBe(0);
  });

  test('fits another size at once', async () => {
    const { terminal, keyboard, ended } = await watchOnTerminal(['--interval', '600']);
    await expect.poll(() => terminal.lines.join('\n'), { timeout: 10_000 }).toContain('/run/v0.sock');
    [terminal.columns, terminal.rows] = [30, 8];
    terminal.emit('resize');
    expect(terminal.lines.length).toBeLessThanOrEqual(8);
    for (const line of terminal.lines) expect(line.length).toBeLessThanOrEqual(30);
    keyboard.emit('data', Buffer.from('q'));
    expect(await ended).toBe(0);
  });

  test.for<[string[], Record<string, string>, boolean]>([
    [[], {}, true],
    [['--no-color'], {}, false],
    [[], { NO_COLOR: '1' }, false],
  ])('with flags %j and environment %j is coloured: %s', async ([flags, env, isColored]) => {
    const { terminal, ended } = await watchOnTerminal(['--count', '1', ...flags], env);
    await ended;
    expect(terminal.written.includes('\x1b[31m')).toBe(isColored);
  });

  test('that can do nothing gets plain tables', async () => {
    const { terminal, ended } = await watchOnTerminal(['--count', '1'], { TERM: 'dumb' });
    await ended;
    expect(terminal.written).not.toContain('\x1b');
    expect(terminal.written).toContain('/run/v0.sock');
  });
});
