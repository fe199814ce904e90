import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError, describeError } from '../core/errors.ts';

/** Where to listen. Port 0 lets the system choose one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts to listen and answers the address it got.
 * @throws AppError LISTEN_FAILED when the address cannot be had.
 */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const address = formatAddress({ host, port });
      const hint = LISTEN_HINTS[cause.code ?? ''] ?? 'choose another address';
      reject(new AppError('LISTEN_FAILED', `cannot listen on ${address}: ${describeError(cause)}`, { hint, cause }));
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.removeListener('error', fail);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}

const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there: stop it, or choose another port',
  EACCES: 'ports below 1024 need a privilege: choose a higher one',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name does not resolve',
};

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function formatAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Stops to listen and waits for the connections that are busy, at most `graceMs` milliseconds; then it cuts them. */
export async function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
