import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { measuredNode } from '../measure/pin.ts';
import { MAIN } from '../measure/places.ts';
import { type ApiServerProcess, until } from './api-server-process.ts';

/** `vhostguard controller` on the measured core. */
export interface ControllerProcess {
  readonly pid: number;
  /** When its process was started, on the clock of `performance.now()`. */
  readonly startedMs: number;
  /** Resolves when the next scan of everything is over, of those that nobody has waited for. */
  whenScanned(): Promise<void>;
  /** Objects judged so far. */
  evaluations(): Promise<number>;
  /** Has it scan everything again, by settings that change no report. @returns when it began */
  rescan(): Promise<number>;
  stop(): Promise<void>;
}

export async function startController({ kubeconfig, directory }: ApiServerProcess): Promise<ControllerProcess> {
  const config = join(directory, 'config.yaml');
  let hasEvents = true;
  const configure = (): void => writeFileSync(config, configurationWith(hasEvents));
  configure();
  const startedMs = performance.now();
  const where = ['--kubeconfig', kubeconfig, '--certs-dir', join(directory, 'certs'), '--config', config];
  const [command, ...rest] = measuredNode([
    MAIN,
    'controller',
    ...where,
    ...['--webhook-url', 'https://127.0.0.1:9443', '--health-listen', '127.0.0.1:0'],
  ]);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  // It would outlive a bench that fails.
  process.once('exit', () => child.kill());
  const told = { last: '', scans: 0, configurations: 0 };
  createInterface(child.stderr).on('line', (line) => {
    told.last = line;
    if (line.includes('scanned the cluster')) told.scans += 1;
    if (line.includes('changed and is in force')) told.configurations += 1;
  });
  const isAlive = (): void => {
    if (child.exitCode !== null) throw new Error(`vhostguard controller ended with ${child.exitCode}: ${told.last}`);
  };
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  const health = await until(() => {
    isAlive();
    return /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
  }, 'the address of the controller');
  let awaited = 0;
  return {
    pid: child.pid ?? 0,
    startedMs,
    whenScanned: async () => {
      awaited += 1;
      await until(() => {
        isAlive();
        return told.scans >= awaited || undefined;
      }, 'a scan');
    },
    evaluations: async () => sumOf(await (await fetch(`${health}/metrics`)).text(), 'vhostguard_scan_evaluations_total'),
    rescan: async () => {
      const before = told.configurations;
      hasEvents = !hasEvents;
      configure();
      await until(() => told.configurations > before || undefined, 'a new configuration of the controller', 30_000);
      return performance.now();
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function configurationWith(hasEvents: boolean): string {
  return `apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\nreports:\n  events: ${hasEvents}\n`;
}

/** The sum of a metric over all its labels. */
function sumOf(metrics: string, name: string): number {
  const values = metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => Number(line.split(' ').at(-1)));
  return values.reduce((sum, value) => sum + value, 0);
}
