import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingsOf, rulesByPort } from '../support/real-ovs/host-findings.ts';
import { type RealSwitch, until } from '../support/real-ovs/real-switch.ts';
import { SEES_ALL, useRealSwitch } from '../support/real-ovs/use-real-switch.ts';
import type { User } from '../support/real-ovs/user.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const QEMU_UID = 107;
const OVS_UID = 800;
/** `hugetlbfs`, the group that the two are to share. */
const SHARED_GID = 801;

/** `openvswitch:hugetlbfs`, as the RPM makes it. */
const OVS: User = { uid: OVS_UID, gid: SHARED_GID };
/** As libvirt starts it: alone, with the group as a supplementary one, with the group as its primary one. */
const ALONE: User = { uid: QEMU_UID, gid: QEMU_UID, umask: '002' };
const MEMBER: User = { ...ALONE, groups: [SHARED_GID] };
const PRIMARY: User = { ...ALONE, gid: SHARED_GID };

interface Case {
  readonly owner: number;
  readonly gid: number;
  readonly mode: number;
  readonly qemu: User;
  readonly connects: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'how-to': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o755, qemu: ALONE, connects: false },
  'member-0775': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o775, qemu: MEMBER, connects: false },
  'root-0775': { owner: 0, gid: SHARED_GID, mode: 0o775, qemu: MEMBER, connects: false },
  'setgid-2775': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o2775, qemu: MEMBER, connects: true },
  'root-setgid': { owner: 0, gid: SHARED_GID, mode: 0o2775, qemu: MEMBER, connects: true },
  'emptydir-group': { owner: 0, gid: SHARED_GID, mode: 0o2777, qemu: ALONE, connects: true },
  'emptydir-alone': { owner: 0, gid: QEMU_UID, mode: 0o2777, qemu: ALONE, connects: false },
  'emptydir-memb': { owner: 0, gid: QEMU_UID, mode: 0o2777, qemu: MEMBER, connects: false },
  primary: { owner: QEMU_UID, gid: SHARED_GID, mode: 0o755, qemu: PRIMARY, connects: true },
  'umask-022': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o2775, qemu: { ...MEMBER, umask: '022' }, connects: false },
  'other-group': { owner: QEMU_UID, gid: QEMU_UID, mode: 0o755, qemu: ALONE, connects: false },
  'no-search-0740': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o740, qemu: PRIMARY, connects: false },
  'dir-0750': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o750, qemu: PRIMARY, connects: true },
  'dir-0750-other': { owner: QEMU_UID, gid: QEMU_UID, mode: 0o750, qemu: PRIMARY, connects: false },
  'dir-0770': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o770, qemu: PRIMARY, connects: true },
  'socket-0660': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o755, qemu: { ...PRIMARY, umask: '117' }, connects: true },
  'socket-0644': { owner: QEMU_UID, gid: SHARED_GID, mode: 0o755, qemu: { ...PRIMARY, umask: '133' }, connects: false },
};

const NAMES = Object.keys(CASES);

/** A paused VM in a directory of its own for each case, and a port for it. Tells where the sockets are. */
async function startAll(real: RealSwitch): Promise<Readonly<Record<string, string>>> {
  const base = temporaryDirectory();
  chmodSync(base, 0o755);
  const paths: Record<string, string> = {};
  for (const [name, { owner, gid, mode, qemu }] of Object.entries(CASES)) {
    const directory = join(base, name);
    mkdirSync(directory);
    writeFileSync(join(directory, 'touched'), '');
    chownSync(directory, owner, gid);
    chmodSync(directory, mode);
    paths[name] = join(directory, 'v.sock');
    await real.startVm(name, paths[name], { isPaused: true, user: qemu });
    await real.addVhostPort(name, paths[name]);
  }
  return paths;
}

/** What became of OVS's attempts to connect, by vswitchd's own log: OVSDB does not tell. */
async function attempts(real: RealSwitch, paths: Readonly<Record<string, string>>): Promise<Readonly<Record<string, boolean>>> {
  const outcomeOf = (path: string): boolean | undefined => {
    const said = real.log();
    if (said.includes(`(${path}) new device, handle is`)) return true;
    return said.includes(`(${path}) failed to connect: Permission denied`) ? false : undefined;
  };
  await until('OVS tried all sockets', () => Object.values(paths).every((path) => outcomeOf(path) !== undefined));
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, outcomeOf(path) ?? false]));
}

function expectedRules(connects: (name: string) => boolean): Record<string, string[]> {
  // The guests are paused, which is all that is wrong behind a socket that connects.
  const paused = SEES_ALL ? ['VHG524'] : [];
  return Object.fromEntries(NAMES.map((name) => [name, connects(name) ? paused : ['VHG523']]));
}

/** The rules by port; a finding of no port, or of two, would be one too many. */
async function rulesOfAll(real: RealSwitch): Promise<Record<string, string[]>> {
  const findings = await findingsOf(real);
  const rules = rulesByPort(findings, NAMES);
  expect(Object.values(rules).flat()).toHaveLength(findings.length);
  return rules;
}

describe('sockets of a real QEMU under another user than a real Open vSwitch', { timeout: 90_000 }, () => {
  const startSwitch = useRealSwitch();

  test('are found out of reach where they are, and nowhere else; write permission heals one at once', async (context) => {
    const real = await startSwitch(context, { vm: true, user: OVS });
    const paths = await startAll(real);
    const really = await attempts(real, paths);
    expect(really).toEqual(Object.fromEntries(NAMES.map((name) => [name, CASES[name]?.connects])));
    expect(await rulesOfAll(real)).toEqual(expectedRules((name) => CASES[name]?.connects === true));

    const healed = paths['umask-022'] ?? '';
    chmodSync(healed, 0o775);
    await real.waitForLog(`(${healed}) new device, handle is`);
    expect(rulesByPort(await findingsOf(real), ['umask-022'])).toEqual({ 'umask-022': SEES_ALL ? ['VHG524'] : [] });
  });

  test('are all within reach of an Open vSwitch that runs as root', async (context) => {
    context.skip(process.getuid?.() !== 0, 'only root can run programs as other users');
    const real = await startSwitch(context, { vm: true });
    const really = await attempts(real, await startAll(real));
    expect(really).toEqual(Object.fromEntries(NAMES.map((name) => [name, true])));
    expect(await rulesOfAll(real)).toEqual(expectedRules(() => true));
  });
});
