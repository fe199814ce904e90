import type { WatchedFinding } from './facts.ts';
import type { HostView, PortView } from './view.ts';

/** A view as one line of JSON: what is not known is not in it. */
export function formatRecord({ time, outage, ports, pmdThreads, findings, ...rest }: HostView): string {
  const record = {
    version: 1,
    time: time.toISOString(),
    ...rest,
    ...(outage === undefined ? {} : { outage: { ...outage, since: outage.since.toISOString() } }),
    findings: findings.map(findingRecord),
    ports: ports.map(portRecord),
    pmdThreads: pmdThreads.map((thread) => ({ ...thread, busyPercent: rounded(thread.busyPercent) })),
  };
  return `${JSON.stringify(record)}\n`;
}

function portRecord({ name, type, machine, peer, state, mtu, rates, pmdCpus, findings }: PortView): object {
  const packetsPerSecond = rates && {
    rxPackets: rounded(rates.rxPackets),
    txPackets: rounded(rates.txPackets),
    rxDropped: rounded(rates.rxDropped),
    txDropped: rounded(rates.txDropped),
  };
  return { name, type, vm: machine, socket: peer, state, mtu, packetsPerSecond, pmdCpus, findings: findings.map(findingRecord) };
}

/** Whose it is says the place where it stands. */
function findingRecord({ rule, severity, message }: WatchedFinding): object {
  return { rule, severity, message };
}

/** With one digit behind the point. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10;
}
