import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A port that leads to one of several others, as a Service leads to its pods. */
export interface Balancer {
  readonly port: number;
  /** New connections lead there too, while it accepts them. */
  add(port: number): void;
  /** No new connection leads there any more; those that are open stay. */
  withdraw(port: number): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startBalancer(): Promise<Balancer> {
  const ports: number[] = [];
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client)).on('error', () => undefined);
    // The next one is the first to be tried.
    const [next] = ports;
    if (next !== undefined) ports.push(...ports.splice(0, 1));
    lead(client, [...ports].reverse());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    add: (port) => void ports.push(port),
    withdraw: (port) => void ports.splice(ports.indexOf(port), 1),
    close: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Connects a client with the first of these ports that accepts it, or cuts it off. */
function lead(client: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined) {
    client.destroy();
    return;
  }
  const server = connect(port, '127.0.0.1');
  const next = (): void => lead(client, others);
  server.on('error', next);
  server.on('connect', () => {
    server.off('error', next);
    const cut = (): void => void client.destroy();
    server.on('error', cut).on('close', cut);
    client.on('close', () => server.destroy());
    client.pipe(server).pipe(client);
  });
}
