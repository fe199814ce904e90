import { renameSync } from 'node:fs';
import { createServer } from 'node:net';

/** Leaves a socket file whose owner was killed: nobody listens, and nobody removed it. */
export async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  // Closing removes what it finds at its path.
  renameSync(path, `${path}.kept`);
  await new Promise((resolve) => server.close(resolve));
  renameSync(`${path}.kept`, path);
}
