import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// The yardstick of `host check`: asks both servers the same and parses what they answer, and judges nothing.
const [ovsdb = '', control = ''] = process.argv.slice(2);

const TABLES = ['Open_vSwitch', 'Bridge', 'Port', 'Interface'];

/** Sends a request and waits for the answer, of which nobody says where it ends. */
async function ask(socket: Socket, method: string, params: readonly unknown[]): Promise<unknown> {
  socket.write(JSON.stringify({ id: 1, method, params }));
  let text = '';
  for (;;) {
    text += await new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
    if (!text.endsWith('}')) continue;
    try {
      return JSON.parse(text);
    } catch {
      // More of it is to come.
    }
  }
}

async function askDatabase(): Promise<void> {
  const socket = createConnection(ovsdb);
  await ask(socket, 'get_schema', ['Open_vSwitch']);
  const selects = TABLES.map((table) => ({ op: 'select', table, where: [] }));
  await ask(socket, 'transact', ['Open_vSwitch', ...selects]);
  const bump = { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] };
  await ask(socket, 'transact', ['Open_vSwitch', bump]);
  socket.destroy();
}

async function askSwitch(): Promise<void> {
  const socket = createConnection(control);
  await ask(socket, 'version', []);
  await ask(socket, 'dpif-netdev/pmd-rxq-show', []);
  await ask(socket, 'netdev-dpdk/get-mempool-info', []);
  await ask(socket, 'dpctl/show', ['-s']);
  await sleep(1000);
  await ask(socket, 'dpctl/show', ['-s']);
  socket.destroy();
}

await Promise.all([askDatabase(), askSwitch()]);
