import { accessSync, constants } from 'node:fs';

/** Open vSwitch with DPDK as Debian packages it. The plain `ovs-vswitchd` on the PATH is the one without DPDK. */
const PROGRAMS = {
  ovsdbTool: '/usr/bin/ovsdb-tool',
  ovsdbServer: '/usr/sbin/ovsdb-server',
  vsctl: '/usr/bin/ovs-vsctl',
} as const;

/** The programs of a real switch by what they do. */
export const OVS = PROGRAMS;

/** The two builds of vswitchd, between which Debian's `update-alternatives` chooses. */
export const VSWITCHD = {
  dpdk: '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk',
  plain: '/usr/lib/openvswitch-switch/ovs-vswitchd',
} as const;

export const QEMU = '/usr/bin/qemu-system-x86_64';

/** What a test needs besides the switch. */
export interface Needs {
  /** A VM. */
  readonly vm?: boolean;
  readonly build?: keyof typeof VSWITCHD;
}

/** What is missing on this machine to run a real switch, or a real VM behind it; nothing when all is there. */
export function missingPrograms({ vm = false, build = 'dpdk' }: Needs = {}): string[] {
  return [...Object.values(PROGRAMS), VSWITCHD[build], ...(vm ? [QEMU] : [])].filter((program) => !isExecutable(program));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
