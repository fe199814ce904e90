import type { HostView, PortView } from './view.ts';

/** A view as one line of JSON: what is not known is not in it. */
export function formatRecord({ time, outage, ports, pmdThreads, ...rest }: HostView): string {
  const record = {
    version: 1,
    time: time.toISOString(),
    ...rest,
    ...(outage === undefined ? {} : { outage: { ...outage, since: outage.since.toISOString() } }),
    ports: ports.map(portRecord),
    pmdThreads: pmdThreads.map(({ busyPercent, ...thread }) => ({ ...thread, ...rounded({ busyPercent }) })),
  };
  return `${JSON.stringify(record)}\n`;
}

function portRecord({ machine, peer, rates, ...port }: PortView): object {
  return { ...port, vm: machine, socket: peer, ...(rates === undefined ? {} : { packetsPerSecond: rounded({ ...rates }) }) };
}

/** With one digit behind the point. */
function rounded(numbers: Readonly<Record<string, number | undefined>>): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, value === undefined ? value : Math.round(value * 10) / 10]));
}
