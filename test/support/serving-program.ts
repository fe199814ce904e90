import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { builtProgram } from './built-program.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { WebhookClient } from './webhook-client.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The built program, running `serve`. */
export interface ServingProgram {
  readonly process: ChildProcess;
  readonly certsDir: string;
  /** What it has written until now. */
  output(): string;
  readonly exited: Promise<number | null>;
}

/** Starts `vhostguard serve` on free ports; it is killed when the test is over. */
export function startProgram(
  flags: readonly string[] = [],
  { certsDir = temporaryDirectory(), env = {} }: { certsDir?: string; env?: Record<string, string> } = {},
): ServingProgram {
  const address = ['--listen', '127.0.0.1:0', '--health-listen', '127.0.0.1:0', '--certs-dir', certsDir];
  const child = spawn(process.execPath, [builtProgram(), 'serve', ...address, ...flags], {
    cwd: ROOT,
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { process: child, certsDir, output: () => output, exited };
}

/** Waits until it serves. @returns a client of its webhooks, and the URL of its probes */
export async function serving(running: ServingProgram): Promise<{ client: WebhookClient; health: string }> {
  await expect.poll(() => running.output(), { timeout: 20_000 }).toContain('try it: ');
  const port = Number(/https:\/\/127\.0\.0\.1:(\d+)\/mutate/.exec(running.output())?.[1]);
  const health = /http:\/\/127\.0\.0\.1:\d+/.exec(running.output())?.[0] ?? '';
  const ca = readFileSync(join(running.certsDir, 'ca.crt'), 'utf8');
  return { client: new WebhookClient({ port, ca, keepAlive: true }), health };
}
