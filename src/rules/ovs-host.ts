import type { Field } from '../core/field.ts';
import type { Network } from '../kube/network.ts';

/** The `host` half of a network that is a vhost-user port of OVS-DPDK; `undefined` for any other. Read its members with `getFold`. */
export function ovsHostOf({ userspace }: Pick<Network, 'userspace'>): Field | undefined {
  const host = userspace?.getFold('host');
  const isOvs = host?.getFold('engine').value === 'ovs-dpdk' && host.getFold('iftype').value === 'vhostuser';
  return isOvs ? host : undefined;
}
