import { setTimeout as sleep } from 'node:timers/promises';
import { runMeasured } from '../check/run.ts';
import { benchScript } from '../measure/places.ts';
import { cpuSeconds, memoryMiB } from '../measure/process-figures.ts';
import { renderTable, round } from '../measure/table.ts';
import type { ApiServerProcess } from './api-server-process.ts';
import { type ControllerProcess, startController } from './controller-process.ts';
import type { ClusterSize } from './objects.ts';

/** What a program took to go through a cluster. */
interface Pass {
  readonly what: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  /** Once nothing was under way any more; absent for a program that has ended. */
  readonly settledMiB?: number;
  readonly reportWrites: number;
  readonly eventWrites: number;
}

/** All passes over one cluster. */
export interface ScannedCluster {
  readonly size: ClusterSize;
  readonly passes: readonly Pass[];
}

/** How long a process is left alone before its memory is read, in milliseconds. */
const SETTLE_MS = 3000;

/**
 * Lists and parses a cluster as the yardstick, scans it while it has no reports, and scans it again.
 * @returns the controller, which runs on.
 */
export async function scanTwice(server: ApiServerProcess): Promise<ScannedCluster & { readonly controller: ControllerProcess }> {
  const { exitCode, ...yardstick } = await runMeasured([benchScript('cluster/list-and-parse'), server.kubeconfig]);
  if (exitCode !== 0) throw new Error(`listing and parsing ended with ${exitCode}`);
  const first = await measurePass('first scan, from the start', server, () => startBegun(server));
  const { controller } = first;
  const again = await measurePass('again, unchanged', server, async () => {
    const cpuBefore = cpuSeconds(controller.pid);
    return { controller, startMs: await controller.rescan(), cpuBefore };
  });
  const passes = [{ what: 'list and parse only', ...yardstick, reportWrites: 0, eventWrites: 0 }, first.pass, again.pass];
  return { size: server.size, passes, controller };
}

/** Has another controller scan a cluster that has its reports. */
export async function scanAfterRestart(server: ApiServerProcess): Promise<Pass> {
  const { controller, pass } = await measurePass('after a restart', server, () => startBegun(server));
  await controller.stop();
  return pass;
}

/** A scan that has begun. */
interface Begun {
  readonly controller: ControllerProcess;
  readonly startMs: number;
  /** CPU seconds that the controller had used before. */
  readonly cpuBefore: number;
}

async function startBegun(server: ApiServerProcess): Promise<Begun> {
  const controller = await startController(server);
  return { controller, startMs: controller.startedMs, cpuBefore: 0 };
}

async function measurePass(
  what: string,
  server: ApiServerProcess,
  begin: () => Promise<Begun>,
): Promise<{ readonly pass: Pass; readonly controller: ControllerProcess }> {
  const before = await server.figures();
  const { controller, startMs, cpuBefore } = await begin();
  await controller.whenScanned();
  const seconds = (performance.now() - startMs) / 1000;
  const cpu = cpuSeconds(controller.pid) - cpuBefore;
  await sleep(SETTLE_MS);
  const after = await server.figures();
  const pass = {
    what,
    seconds,
    cpuSeconds: cpu,
    peakMiB: memoryMiB(controller.pid, 'VmHWM'),
    settledMiB: memoryMiB(controller.pid, 'VmRSS'),
    reportWrites: after.reportWrites - before.reportWrites,
    eventWrites: after.eventWrites - before.eventWrites,
  };
  return { pass, controller };
}

export function renderScans(clusters: readonly ScannedCluster[]): string {
  const rows = clusters.flatMap(({ size, passes }) =>
    passes.map((pass) => [
      size.vms.toLocaleString('en'),
      pass.what,
      round(pass.seconds),
      round(pass.cpuSeconds),
      round((pass.cpuSeconds * 1e6) / subjectsOf(size)),
      round(pass.peakMiB),
      round(pass.settledMiB ?? Number.NaN),
      pass.reportWrites.toLocaleString('en'),
      pass.eventWrites.toLocaleString('en'),
    ]),
  );
  const header = ['VMs', 'what', 'seconds', 'CPU s', 'CPU µs a subject', 'peak MiB', 'settled MiB', 'report writes', 'Events'];
  return renderTable(`Scans of VMs and ${nadsOf(clusters)} NADs by one controller on one core`, header, rows);
}

/** What each subject adds, from each size of a cluster to the next. */
export function renderGrowth(clusters: readonly ScannedCluster[]): string {
  const rows = clusters.slice(1).flatMap((larger, index) => {
    const smaller = clusters[index] ?? larger;
    const subjects = subjectsOf(larger.size) - subjectsOf(smaller.size);
    return larger.passes.slice(1).map((pass, at) => {
      const before = smaller.passes[at + 1] ?? pass;
      const memory = (pass.settledMiB ?? Number.NaN) - (before.settledMiB ?? Number.NaN);
      return [
        `${smaller.size.vms.toLocaleString('en')} to ${larger.size.vms.toLocaleString('en')}`,
        pass.what,
        round((memory * 1024) / subjects),
        round(((pass.cpuSeconds - before.cpuSeconds) * 1e6) / subjects),
        round(((pass.seconds - before.seconds) * 1e6) / subjects),
      ];
    });
  });
  return renderTable('What one more subject takes', ['VMs', 'what', 'kB settled', 'CPU µs', 'µs'], rows);
}

/** NADs are judged as VMs are. */
function subjectsOf({ vms, nads }: ClusterSize): number {
  return vms + nads;
}

function nadsOf(clusters: readonly ScannedCluster[]): string {
  return (clusters[0]?.size.nads ?? 0).toLocaleString('en');
}
