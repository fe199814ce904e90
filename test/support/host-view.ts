import type { WatchedFinding } from '../../src/host-watch/facts.ts';
import type { HostView, PortView } from '../../src/host-watch/view.ts';

/** A port to a VM, as it is shown. */
export function portView(name: string, part: Partial<PortView> = {}): PortView {
  return {
    name,
    type: 'dpdkvhostuserclient',
    machine: `default/${name}`,
    peer: `/var/lib/vhost_sockets/8d20e5b7a1c4/${name}`,
    state: 'connected',
    mtu: 1500,
    rates: { rxPackets: 12_345, txPackets: 7, rxDropped: 0, txDropped: 0 },
    pmdCpus: [2],
    findings: [],
    ...part,
  };
}

export function findingOf(port: string | undefined, severity: WatchedFinding['severity'] = 'error'): WatchedFinding {
  const message = 'QEMU listens, and the guest behind the port has not started its NIC: look at its driver';
  return { rule: 'VHG524', severity, message, ...(port === undefined ? {} : { port }) };
}

/** What is shown of a host with these ports. */
export function hostView(ports: readonly PortView[], part: Partial<HostView> = {}): HostView {
  return {
    time: new Date('2026-11-22T12:00:05Z'),
    host: 'worker-0',
    ovsVersion: '3.1.0',
    dpdkVersion: 'DPDK 22.11.11',
    ports,
    pmdThreads: [
      { numaNode: 0, cpu: 2, queues: 2, busyPercent: 33.6 },
      { numaNode: 1, cpu: 3, queues: 1, busyPercent: 0 },
      { numaNode: 0, cpu: 26, queues: 1, busyPercent: 100 },
      { numaNode: 1, cpu: 27, queues: 0 },
    ],
    mempools: [{ name: 'ovs1', numaNode: 0, objectBytes: 3008, size: 262_144, free: 198_400 }],
    findings: [],
    ...part,
  };
}
