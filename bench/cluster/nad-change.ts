import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../measure/process-figures.ts';
import { renderTable, round } from '../measure/table.ts';
import { type ApiServerProcess, until } from './api-server-process.ts';
import type { ControllerProcess } from './controller-process.ts';
import { usersOfNad } from './objects.ts';

/** The network of a tenth of all VMs, and one of few. */
const CHANGED = [0, 5];

/** How long nothing must be written before a change counts as dealt with, in milliseconds. */
const QUIET_MS = 1500;

/**
 * Makes networks ones that no VM can use: the report of the NAD goes, and that of every VM on it changes.
 * @returns the rows of a table.
 */
export async function changeNads(server: ApiServerProcess, controller: ControllerProcess): Promise<string[][]> {
  const rows: string[][] = [];
  for (const nad of CHANGED) {
    const before = { ...(await server.figures()), evaluations: await controller.evaluations(), cpu: cpuSeconds(controller.pid) };
    const startMs = Date.now();
    await server.change(nad, 'memif');
    const users = usersOfNad(nad, server.size);
    await until(async () => {
      const { reportWrites } = await server.figures();
      return reportWrites - before.reportWrites > users ? true : undefined;
    }, `the reports of ${users} VMs`);
    await sleep(QUIET_MS);
    const after = await server.figures();
    rows.push([
      server.size.vms.toLocaleString('en'),
      users.toLocaleString('en'),
      ((await controller.evaluations()) - before.evaluations).toLocaleString('en'),
      (after.reportWrites - before.reportWrites).toLocaleString('en'),
      round(after.lastReportMs - startMs),
      round(cpuSeconds(controller.pid) - before.cpu),
    ]);
  }
  return rows;
}

export function renderNadChanges(rows: readonly (readonly string[])[]): string {
  const header = ['VMs', 'of them on the NAD', 'subjects judged', 'report writes', 'ms until the last', 'CPU s'];
  return renderTable('One NAD changes; changes are gathered for a second', header, rows);
}
