import type { ReadStream, WriteStream } from 'node:tty';

/** Where text goes; `process.stdout` is one. */
export interface Writer {
  write(text: string): unknown;
}

/** What a command may touch of its process, so that tests run it in theirs. */
export interface CommandIo {
  /** The result, and nothing else. */
  readonly stdout: Writer;
  /** Logs, hints and progress. */
  readonly stderr: Writer;
  /** All of standard input. */
  readonly stdin: () => Promise<Buffer>;
  /** True when stdout is a terminal. */
  readonly isTerminal: boolean;
  /** Standard error, when it is a terminal. */
  readonly errorTerminal?: WriteStream | undefined;
  /** Standard output, when it is a terminal. */
  readonly outputTerminal?: WriteStream | undefined;
  /** Standard input, when it is a terminal. Not looked at unless asked for: it is opened by that. */
  readonly keyboard?: () => ReadStream | undefined;
  /** What the user calls this program; `vhostguard` when absent. */
  readonly programName?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Calls `listener` on each SIGTERM and SIGINT, to the end of the process. */
  readonly onSignal: (listener: (signal: 'SIGTERM' | 'SIGINT') => void) => void;
}

/**
 * 0: nothing at or above `--fail-on`. 1: findings. 2: usage or configuration. 3: could not finish (unreadable input,
 * unreachable cluster, internal error). The same for every output format.
 */
export type ExitCode = 0 | 1 | 2 | 3;
