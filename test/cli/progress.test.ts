import type { WriteStream } from 'node:tty';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CommandIo } from '../../src/cli/io.ts';
import { Progress } from '../../src/cli/progress.ts';

/** A terminal that keeps what is written to it. */
class Terminal {
  readonly isTTY = true;
  readonly columns = 80;
  text = '';

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  cursorTo(): void {
    this.text += '<';
  }

  moveCursor(): void {
    this.text += '^';
  }

  clearLine(): void {
    this.text += '_';
  }
}

interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly isQuiet?: boolean;
  /** Of each file. */
  readonly milliseconds?: number;
  readonly isTerminal?: boolean;
}

/** Runs over ten files, each of which takes its time on a clock of ours. */
async function runOver({ env = {}, isQuiet = false, milliseconds = 400, isTerminal = true }: Setting): Promise<string> {
  const terminal = new Terminal();
  let time = 0;
  const io: Pick<CommandIo, 'env' | 'now' | 'errorTerminal'> = {
    env,
    now: () => new Date(time),
    errorTerminal: isTerminal ? (terminal as unknown as WriteStream) : undefined,
  };
  const seen: number[] = [];
  await new Progress(io as CommandIo, isQuiet).forEach([...Array(10).keys()], (file) => {
    time += milliseconds;
    seen.push(file);
  });
  expect(seen).toHaveLength(10);
  return terminal.text;
}

// The library looks at these for itself.
beforeEach(() => {
  vi.stubEnv('CI', undefined);
  vi.stubEnv('TERM', 'xterm');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('progress', () => {
  test('tells how far a long run is, and takes it away', async () => {
    const text = await runOver({});
    expect(text).not.toContain('2 files in');
    expect(text).toContain('3 files in 1 s');
    expect(text).toContain('10 files in 4 s');
    expect(text.slice(text.lastIndexOf('files in'))).toMatch(/files in 4 s[\s\S]*_/);
  });

  test('does not write more often than a person reads', async () => {
    const text = await runOver({ milliseconds: 150 });
    expect(text.match(/\d+ files in/g)?.length).toBeLessThanOrEqual(4 * 2);
  });

  test.for<[string, Setting]>([
    ['a run of a second', { milliseconds: 99 }],
    ['--quiet', { isQuiet: true }],
    ['a CI', { env: { CI: 'true' } }],
    ['a terminal that cannot move its cursor', { env: { TERM: 'dumb' } }],
    ['what is no terminal', { isTerminal: false }],
  ])('shows nothing for %s', async ([, setting]) => {
    expect(await runOver(setting)).toBe('');
  });

  test('takes away what is shown when a file makes the run stop', async () => {
    const terminal = new Terminal();
    let time = 0;
    const io = { env: {}, now: () => new Date(time), errorTerminal: terminal } as unknown as CommandIo;
    const visit = (file: number): void => {
      time += 2000;
      if (file === 3) throw new Error('stop');
    };
    await expect(new Progress(io, false).forEach([1, 2, 3], visit)).rejects.toThrow('stop');
    expect(terminal.text).toMatch(/files in[\s\S]*_/);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});
