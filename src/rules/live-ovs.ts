import type { Host } from '../kube/host.ts';
import { type Fact, isUnread } from '../kube/host-fact.ts';
import type { OvsConfiguration, OvsInterface } from '../kube/host-ovs.ts';

/** A port to a VM of which OVS is the client. */
export const CLIENT_PORT = 'dpdkvhostuserclient';

/** True for the types of ports that PMD threads poll. */
export function isDpdkPort({ type }: OvsInterface): boolean {
  return type.startsWith('dpdk');
}

/** The ports as they are now. What the database says of them outlives the vswitchd that wrote it, and is then not known. */
export function livePorts({ ovs }: Host): Fact<readonly OvsInterface[]> {
  return whileAlive(ovs, ovs.interfaces);
}

/** What vswitchd says of itself, as livePorts. */
export function liveConfiguration({ ovs }: Host): Fact<OvsConfiguration> {
  return whileAlive(ovs, ovs.configuration);
}

/** A vswitchd that answers on its control socket lives too, where it was not asked through the database, which is a write. */
function whileAlive<T>({ handshake, control }: Host['ovs'], fact: Fact<T>): Fact<T> {
  if (isUnread(fact)) return fact;
  if (isUnread(handshake)) return control.state === 'answers' ? fact : handshake;
  const { field, isDone } = handshake.value;
  if (isDone) return fact;
  return { path: field.path, unknown: 'ovs-vswitchd does not answer, so what the database says of its ports is of the past' };
}
