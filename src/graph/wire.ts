import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Lookup } from '../core/lookup.ts';
import type { Network } from '../kube/network.ts';
import { ovsHostOf } from '../rules/ovs-host.ts';
import type { Condition } from './graph.ts';

/** The vhost-user socket of a network: who connects, who listens, and whether that works. */
export interface Wire {
  /** The mode of each end; `undefined` where there is none or it is not known. */
  readonly qemu: string | undefined;
  readonly ovs: string | undefined;
  readonly condition: Condition;
  readonly note: string;
}

/** What the CNI makes of the modes in a network's configuration. */
export function readWire(network: Lookup<Network>): Wire {
  const none = { qemu: undefined, ovs: undefined };
  if (network.state === 'unknown') return { ...none, condition: 'unknown', note: network.reason };
  if (network.state === 'absent') return { ...none, condition: 'broken', note: network.reason };
  const host = ovsHostOf(network.value);
  if (host === undefined) return { ...none, condition: 'broken', note: 'the network is no vhost-user port of OVS-DPDK' };
  return judgeModes(host.getFold('vhost').getFold('mode'), network.value.userspace?.getFold('container').getFold('vhost').getFold('mode'));
}

/**
 * | host.vhost.mode | container.vhost.mode | OVS | QEMU | |
 * |---|---|---|---|---|
 * | client | server, none set | client | server | sound |
 * | client | client | client | client | broken: both connect |
 * | any other | client, none set | server | client | doubtful: gone when OVS restarts |
 * | any other | server | server | server | broken: both listen |
 * | any | any other | | ? | broken |
 *
 * @see https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/configdata/configdata.go
 */
function judgeModes(hostMode: Field, containerMode: Field | undefined): Wire {
  const ovs = hostMode.value === 'client' ? 'client' : 'server';
  const qemu = containerMode?.value || (ovs === 'client' ? 'server' : 'client');
  if (qemu !== 'client' && qemu !== 'server')
    return { ovs, qemu: undefined, condition: 'broken', note: `container.vhost.mode is ${quote(qemu)}, neither client nor server` };
  if (qemu === ovs) {
    const fate = ovs === 'client' ? 'connect, and nobody listens' : 'listen, and nobody connects';
    return { ovs, qemu, condition: 'broken', note: `OVS and QEMU are both ${ovs}s: both ${fate}` };
  }
  if (ovs === 'server') return { ovs, qemu, condition: 'doubtful', note: 'OVS owns the socket: its restart cuts off the VM' };
  return { ovs, qemu, condition: 'sound', note: 'OVS connects to the socket that QEMU makes' };
}
