import { accessSync, constants } from 'node:fs';

/** Open vSwitch with DPDK as Debian packages it. The plain `ovs-vswitchd` on the PATH is the one without DPDK. */
const PROGRAMS = {
  ovsdbTool: '/usr/bin/ovsdb-tool',
  ovsdbServer: '/usr/sbin/ovsdb-server',
  vsctl: '/usr/bin/ovs-vsctl',
  vswitchd: '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk',
} as const;

const QEMU = '/usr/bin/qemu-system-x86_64';

/** The programs of a real switch by what they do. */
export const OVS = PROGRAMS;

export { QEMU };

/** What is missing on this machine to run a real switch, or a real VM behind it; nothing when all is there. */
export function missingPrograms({ vm = false }: { readonly vm?: boolean } = {}): string[] {
  return [...Object.values(PROGRAMS), ...(vm ? [QEMU] : [])].filter((program) => !isExecutable(program));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
