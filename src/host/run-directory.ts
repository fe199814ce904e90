import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRoot } from './host-root.ts';
import { isKnown, known } from './known.ts';

const RUN_DIRECTORY = '/run/openvswitch';

/** Where this process finds the socket of OVSDB on a host whose root is at `directory`. */
export function locateDatabase(root: HostRoot, directory: string): string {
  const located = known(() => root.locate(`${RUN_DIRECTORY}/db.sock`));
  return isKnown(located) ? located : `${directory}${RUN_DIRECTORY}/db.sock`;
}

const CONTROL = /^ovs-vswitchd.*\.(\d+)\.ctl$/;
const PROCESS_FILE = /^ovs-vswitchd.*\.pid$/;

/** Where the sockets of a switch are. */
export interface SwitchFiles {
  /** Absent, with the reason, when nothing there looks like vswitchd's control socket. */
  readonly control: string | { readonly reason: string };
  /** The processes that are named there; some may have ended. */
  readonly pids: readonly number[];
}

/** What OVS left in its run directory, as this process sees it. `control` is the control socket's path where the user gave one. */
export function findSwitchFiles(directory: string, control: string | undefined): SwitchFiles {
  const names = known(() => readdirSync(directory).sort());
  if ('unknown' in names) return { control: control ?? { reason: names.unknown }, pids: [] };
  const written = names.filter((name) => PROCESS_FILE.test(name)).flatMap((name) => pidIn(join(directory, name)));
  const controls = names.flatMap((name) => {
    const pid = CONTROL.exec(name)?.[1];
    return pid === undefined ? [] : [{ name, pid: Number(pid) }];
  });
  // A vswitchd that was killed leaves its own behind.
  const current = controls.find(({ pid }) => written.includes(pid)) ?? controls.at(-1);
  const found = current === undefined ? { reason: `no ovs-vswitchd*.ctl in ${directory}` } : join(directory, current.name);
  return { control: control ?? found, pids: written.length > 0 ? written : controls.map(({ pid }) => pid) };
}

function pidIn(file: string): number[] {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? [pid] : [];
  } catch {
    // Unreadable for this user, or gone: the process has to be found without it.
    return [];
  }
}
