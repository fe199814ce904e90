import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuredNode } from '../measure/pin.ts';
import { benchScript, EXAMPLES, MAIN } from '../measure/places.ts';

/** The two sides of every comparison: the bare Node server, and vhostguard with all rules on. */
export type Side = 'bare' | 'vhostguard';

/** A webhook server in a process of its own, listening. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** The certificate authority of its certificate, PEM. */
  readonly ca: string;
  /** When its process was started, on the clock of `performance.now()`. */
  readonly startedMs: number;
  /** What it has printed so far. */
  readonly printed: () => string;
  stop(): Promise<void>;
}

/** Starts servers that share one certificate. */
export interface ServerFactory {
  start(side: Side): Promise<RunningServer>;
  /** Removes the certificate. */
  close(): void;
}

export async function createServerFactory(): Promise<ServerFactory> {
  const certsDir = mkdtempSync(join(tmpdir(), 'vhostguard-bench-certs-'));
  const start = (side: Side): Promise<RunningServer> => startServer(commandOf(side, certsDir), certsDir);
  // vhostguard makes the certificate when it starts for the first time.
  await (await start('vhostguard')).stop();
  return { start, close: () => rmSync(certsDir, { recursive: true }) };
}

function commandOf(side: Side, certsDir: string): string[] {
  if (side === 'bare') return [benchScript('webhook/bare-server'), certsDir];
  const anyPort = '127.0.0.1:0';
  return [MAIN, 'serve', '--listen', anyPort, '--health-listen', anyPort, '--certs-dir', certsDir, '--inventory', EXAMPLES, '--drain', '0'];
}

const ADDRESS = /https:\/\/127\.0\.0\.1:(\d+)\//;

/** Starts node on the measured core. @returns when the program has printed the address at which it listens */
export async function startServer(
  args: readonly string[],
  certsDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const startedMs = performance.now();
  const [command, ...rest] = measuredNode(args);
  // The log goes through a pipe, as it does in a container.
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  let lastLog = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastLog = chunk.toString('utf8');
  });
  const exited = once(child, 'exit');
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const match = ADDRESS.exec(output);
      if (match !== null) resolve(Number(match[1]));
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${lastLog}`)));
  });
  return {
    pid: child.pid ?? 0,
    port,
    ca: readFileSync(join(certsDir, 'ca.crt'), 'utf8'),
    startedMs,
    printed: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
