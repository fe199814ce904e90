import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

/** What a server does with all that it gets from a client. */
export type Behaviour = (
  socket: Socket,
  request: { readonly id: unknown; readonly method: string; readonly params: readonly unknown[] },
) => void;

/** A server on a unix socket that gets JSON-RPC requests, each in one piece. Gives the socket's path. */
export async function serveOvs(behave: Behaviour, onConnect: (socket: Socket) => void = () => undefined): Promise<string> {
  const path = join(temporaryDirectory(), 'db.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => behave(socket, JSON.parse(bytes.toString())));
    onConnect(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => close(server, sockets));
  return path;
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Answers a request with a result. */
export function answer(socket: Socket, id: unknown, result: unknown): void {
  socket.write(JSON.stringify({ id, result, error: null }));
}
