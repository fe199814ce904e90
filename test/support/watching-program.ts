import { type ChildProcess, spawn } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import { builtProgram } from './built-program.ts';

/** What `host watch -o json` says of a moment. */
export interface WatchRecord {
  readonly outage?: { readonly server: string; readonly since: string };
  readonly ports: readonly {
    readonly name: string;
    readonly vm?: string;
    readonly state: string;
    readonly mtu?: number;
    readonly packetsPerSecond?: Readonly<Record<string, number>>;
    readonly findings: readonly { readonly rule: string }[];
  }[];
  /** What is wrong with the host. */
  readonly findings: readonly { readonly rule: string }[];
  readonly pmdThreads: readonly { readonly cpu: number; readonly queues: number }[];
  readonly mempools: readonly { readonly size: number; readonly free?: number }[];
}

/** The built program, running `host watch -o json`. */
export class WatchingProgram {
  readonly process: ChildProcess;
  readonly exited: Promise<number | NodeJS.Signals | null>;
  #output = '';

  /** Starts it; it is killed when the test is over. */
  constructor(...flags: readonly string[]) {
    const words = [builtProgram(), 'host', 'watch', '-o', 'json', '--interval', '0.2', ...flags];
    this.process = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.exited = new Promise((resolve) => this.process.on('close', (code, signal) => resolve(code ?? signal)));
    onTestFinished(() => {
      this.process.kill('SIGKILL');
    });
  }

  /** All lines that are complete. */
  records(): WatchRecord[] {
    return this.#output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as WatchRecord);
  }

  /** Waits until a record that comes from now on is so, and gives it. */
  async waitFor(isSo: (record: WatchRecord) => boolean): Promise<WatchRecord> {
    const seen = this.records().length;
    let found: WatchRecord | undefined;
    const look = () => {
      found = this.records().slice(seen).find(isSo);
      return found !== undefined;
    };
    await expect.poll(look, { timeout: 40_000, interval: 50 }).toBe(true);
    if (found === undefined) throw new Error('it was found a moment ago');
    return found;
  }
}
