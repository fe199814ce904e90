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
  /** Scans of everything that are over. */
  readonly scans: () => number;
  /** Objects judged so far. */
  evaluations(): Promise<number>;
  /** Has it scan everything again, by settings that change no report. Resolves when it has begun. */
  rescan(): Promise<void>;
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
  let isStopping = false;
  let log = '';
  let scans = 0;
  let configurations = 0;
  createInterface(child.stderr).on('line', (line) => {
    log = line;
    if (line.includes('scanned the cluster')) scans += 1;
    if (line.includes('changed and is in force')) configurations += 1;
  });
  child.once('exit', (code) => {
    if (!isStopping) throw new Error(`vhostguard controller ended with ${code}: ${log}`);
  });
  const health = await new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  return {
    pid: child.pid ?? 0,
    startedMs,
    scans: () => scans,
    evaluations: async () => sumOf(await (await fetch(`${health}/metrics`)).text(), 'vhostguard_scan_evaluations_total'),
    rescan: async () => {
      const before = configurations;
      hasEvents = !hasEvents;
      configure();
      await until(() => (configurations > before ? true : undefined), 'a new configuration of the controller', 30_000);
    },
    stop: async () => {
      isStopping = true;
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
  const values = metrics.split('\n').filter((line) => line.startsWith(`${name}{`)).map((line) => Number(line.split(' ').at(-1)));
  return values.reduce((sum, value) => sum + value, 0);
}
