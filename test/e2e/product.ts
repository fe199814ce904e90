import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtProgram } from '../support/built-program.ts';

/** A process of the product. */
export interface Program {
  /** What it wrote to both of its streams. */
  readonly output: () => string;
  /** Resolves when its /readyz says ok. @throws Error with its output when that takes too long */
  whenReady(): Promise<void>;
  /** Of its probes and metrics; without a path. */
  readonly health: string;
  readonly exitCode: () => number | null;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** After an API server was away, the controller may look again as late as a minute later. */
const READY_TIMEOUT_MS = 90_000;

/** Starts `vhostguard …` on free ports, and waits until it says where its probes are. */
export async function startProgram(args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [builtProgram(), ...args, '--health-listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const health = await said(/http:\/\/(\S+?)\/healthz/, () => output, child);
  return {
    output: () => output,
    health,
    exitCode: () => child.exitCode,
    whenReady: async () => {
      const deadline = Date.now() + READY_TIMEOUT_MS;
      for (;;) {
        const answer = await fetch(`http://${health}/readyz`).catch(() => undefined);
        if (answer?.ok) return;
        if (Date.now() > deadline) throw new Error(`not ready: ${await answer?.text()}\n${output}`);
        await sleep(100);
      }
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

/** What a program's output says, once it says it. */
export async function said(pattern: RegExp, output: () => string, child: Pick<ChildProcess, 'exitCode'>): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const match = pattern.exec(output());
    if (match?.[1] !== undefined) return match[1];
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`nothing like ${pattern} in:\n${output()}`);
    await sleep(50);
  }
}

/** A directory that is removed by `remove`. */
export function scratchDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'vhostguard-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
