import type { Field } from '../core/field.ts';
import { isObject } from '../core/json.ts';
import type { Network } from '../kube/network.ts';

/** The `host` half of a network that is a vhost-user port of OVS-DPDK; `undefined` for any other. Read its members with `getFold`. */
export function ovsHostOf({ userspace }: Pick<Network, 'userspace'>): Field | undefined {
  const host = userspace?.getFold('host');
  const isOvs = host?.getFold('engine').value === 'ovs-dpdk' && host.getFold('iftype').value === 'vhostuser';
  return isOvs ? host : undefined;
}

/** True for a section of the configuration that is set to something else than a mapping: VHG100 speaks about it. */
export function isMisshapen(section: Field): boolean {
  return section.isSet && !isObject(section.value);
}

/** True when a member can be put into a section of the JSON text: it is a mapping or not there. JSON editors refuse `null`. */
export function canTakeMember(section: Field): boolean {
  return section.value === undefined || isObject(section.value);
}
