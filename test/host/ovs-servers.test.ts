import { chmodSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gatherHost } from '../../src/host/gather.ts';
import type { OvsFacts } from '../../src/host/ovs-facts.ts';
import { answer, type Behaviour, serveOvs } from '../support/ovs-server.ts';
import { leaveStaleSocket } from '../support/stale-socket.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { asUnprivileged } from '../support/unprivileged.ts';

async function ovsOf(options: { readonly ovsdb?: string; readonly control?: string; readonly timeoutMs?: number }): Promise<OvsFacts> {
  const root = join(temporaryDirectory(), 'no-host');
  const now = new Date('2026-11-22T12:00:00Z');
  const { spec } = await gatherHost({
    root,
    timeoutMs: 400,
    isVswitchdAsked: true,
    pciDevices: [],
    socketDirectories: [],
    now,
    ...options,
  });
  return spec.ovs;
}

const COLUMNS = {
  Open_vSwitch: ['ovs_version', 'dpdk_version', 'dpdk_initialized', 'iface_types', 'other_config', 'next_cfg', 'cur_cfg'],
  Bridge: ['name', 'datapath_type', 'ports'],
  Port: ['name', 'interfaces'],
  Interface: 'name type options other_config status statistics error ofport mtu mtu_request admin_state link_state'.split(' '),
};

function schemaOf(columns: Readonly<Record<string, readonly string[]>>) {
  const tables = Object.entries(columns).map(([table, names]) => [table, { columns: Object.fromEntries(names.map((name) => [name, {}])) }]);
  return { name: 'Open_vSwitch', version: '9.0.0', tables: Object.fromEntries(tables) };
}

/** A database that does what it should, of these rows; `vswitchd` says whether one is there to answer. */
function database(rows: Readonly<Record<string, readonly object[]>>, vswitchd: 'alive' | 'dead'): Behaviour {
  let [nextCfg, curCfg] = [7, 7];
  return (socket, { id, method, params }) => {
    if (method === 'get_schema') return answer(socket, id, schemaOf(COLUMNS));
    const results = (params.slice(1) as { readonly op: string; readonly table: string }[]).map(({ op, table }) => {
      if (op === 'mutate') nextCfg += 1;
      if (op === 'mutate') return { count: 1 };
      return { rows: (rows[table] ?? []).map((row) => (table === 'Open_vSwitch' ? { ...row, next_cfg: nextCfg, cur_cfg: curCfg } : row)) };
    });
    if (vswitchd === 'alive') curCfg = nextCfg;
    return answer(socket, id, results);
  };
}

const sizeOfRow = 50 * 1024 * 1024;

/** Answers the question for the schema, and does this with the next. */
function afterSchema(then: (socket: Socket, id: unknown) => void): Behaviour {
  return (socket, { id, method }) => (method === 'get_schema' ? answer(socket, id, schemaOf(COLUMNS)) : then(socket, id));
}

const MISBEHAVIOURS: readonly (readonly [string, Behaviour, RegExp])[] = [
  ['is silent', () => undefined, /not answered within 0\.4 s/],
  ['closes the connection', (socket) => socket.end(), /closed the connection/],
  ['closes in the middle of an answer', (socket, { id }) => socket.end(`{"id":${id},"result":{"tab`), /closed the connection/],
  ['sends garbage', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /no JSON mapping/],
  ['sends a row of 50 MB', afterSchema((socket) => socket.write(`{"result":"${'x'.repeat(sizeOfRow)}"}`)), /more than 16777216 bytes/],
  ['never ends an answer', (socket) => setInterval(() => socket.write('{"'), 10).unref(), /not answered within/],
  [
    'has no such database',
    (socket, { id }) => socket.write(JSON.stringify({ id, error: 'unknown database' })),
    /refuses: "unknown database"/,
  ],
  ['answers with another type', (socket, { id }) => answer(socket, id, 'yes'), /schema of version none has no table Open_vSwitch/],
  [
    'has another schema',
    (socket, { id }) => answer(socket, id, schemaOf({ ...COLUMNS, Interface: ['name'] })),
    /schema of version "9\.0\.0" has no column type in table Interface/,
  ],
  [
    'says no within its answer',
    afterSchema((socket, id) => answer(socket, id, [{ error: 'x', details: 'No permission' }])),
    /No permission/,
  ],
  ['gives no list of results', afterSchema((socket, id) => answer(socket, id, {})), /without a list of results/],
];

describe('an OVSDB', () => {
  test.each(MISBEHAVIOURS)('that %s has failed, and all that it would have said is unknown', async (_name, behave, reason) => {
    const path = await serveOvs(behave);
    const isWaitedFor = reason.test('the server has not answered within 0.4 s');
    const { database, handshake, configuration, bridges, interfaces } = await ovsOf({ ovsdb: path, timeoutMs: isWaitedFor ? 400 : 20_000 });
    expect(database).toEqual({ path, state: 'failed', reason: expect.stringMatching(reason) });
    for (const part of [configuration, bridges, interfaces]) expect(part).toEqual({ unknown: `OVSDB: ${database.reason}` });
    expect(handshake).toHaveProperty('unknown');
  });

  test('that is not there, or has died, or is for others, is told apart from one that fails', async () => {
    const directory = temporaryDirectory();
    const at = (name: string) => join(directory, name);
    writeFileSync(at('plain'), '');
    await leaveStaleSocket(at('stale'));
    const states = await Promise.all(['none', 'plain', 'stale'].map(async (name) => (await ovsOf({ ovsdb: at(name) })).database));
    expect(states).toEqual([
      { path: at('none'), state: 'absent', reason: 'there is no such file' },
      { path: at('plain'), state: 'dead', reason: 'nothing listens there' },
      { path: at('stale'), state: 'dead', reason: 'nothing listens there' },
    ]);
  });

  test('that this user may not connect to is forbidden, not dead', async () => {
    const path = await serveOvs(() => undefined);
    chmodSync(dirname(path), process.getuid?.() === 0 ? 0o700 : 0o000);
    const { database } = await asUnprivileged(() => ovsOf({ ovsdb: path }));
    chmodSync(dirname(path), 0o700);
    expect(database).toEqual({ path, state: 'forbidden', reason: 'this user may not connect' });
  });

  test('is read as RFC 7047 writes values, whatever else its rows hold', async () => {
    const rows = {
      Open_vSwitch: [
        {
          ovs_version: '3.1.0',
          dpdk_version: ['set', []],
          dpdk_initialized: false,
          iface_types: ['set', ['tap', 'dpdk']],
          other_config: ['map', [['dpdk-init', 'true']]],
        },
      ],
      Bridge: [{ _uuid: ['uuid', 'b'], name: 'br0', datapath_type: '', ports: ['uuid', 'p'] }],
      Port: [{ _uuid: ['uuid', 'p'], name: 'v0', interfaces: ['set', [['uuid', 'i']]] }],
      Interface: [
        { _uuid: ['uuid', 'i'], name: 'v0', type: 'dpdkvhostuserclient', error: ['set', []], mtu: 0, statistics: ['map', [['rx', 3]]] },
        { _uuid: 7, name: ['set', [1, 2]], type: null, options: ['map', 'x'], status: ['map', [['a'], 3, ['b', 1]]], mtu: 'x' },
      ],
    };
    const path = await serveOvs(database(rows, 'alive'));
    const { configuration, bridges, interfaces, handshake } = await ovsOf({ ovsdb: path });
    expect(configuration).toEqual({
      ovsVersion: '3.1.0',
      isDpdkInitialized: false,
      interfaceTypes: ['dpdk', 'tap'],
      otherConfig: { 'dpdk-init': 'true' },
    });
    expect(bridges).toEqual([{ name: 'br0', datapathType: '', ports: ['v0'] }]);
    const empty = { options: {}, otherConfig: {}, status: {} };
    expect(interfaces).toEqual([
      { name: '', type: '', ...empty, statistics: {} },
      { name: 'v0', bridge: 'br0', type: 'dpdkvhostuserclient', ...empty, mtu: 0, statistics: { rx: 3 } },
    ]);
    expect(handshake).toMatchObject({ nextCfg: 8, curCfg: 8, isDone: true });
  });

  test('whose vswitchd is dead is read all the same, and says so', async () => {
    const path = await serveOvs(database({ Open_vSwitch: [{ dpdk_initialized: true }] }, 'dead'));
    const { database: endpoint, handshake, configuration } = await ovsOf({ ovsdb: path });
    expect(endpoint).toEqual({ path, state: 'answers' });
    expect(handshake).toMatchObject({ nextCfg: 8, curCfg: 7, isDone: false });
    expect(configuration).toMatchObject({ isDpdkInitialized: true });
  });
});

/** What `dpif-netdev/pmd-rxq-show` and the like print, by command. */
const PRINTED: Readonly<Record<string, string>> = {
  version: 'ovs-vswitchd (Open vSwitch) 3.1.0',
  'dpif-netdev/pmd-rxq-show ovs-netdev': 'Displaying last 60 seconds pmd usage %\npmd thread numa_id 0 core_id 2:\n  isolated : false\n',
  'dpctl/show -s': '',
};

describe('the control socket of vswitchd', () => {
  test('is asked by the name of the datapath when there are others, and never for the pool of one port, which kills it', async () => {
    const asked: string[] = [];
    const path = await serveOvs((socket, { id, method, params }) => {
      const command = [method, ...params].join(' ');
      asked.push(command);
      if (PRINTED[command] === undefined) socket.write(JSON.stringify({ id, error: 'not valid' }));
      else answer(socket, id, PRINTED[command]);
    });
    const { control, pmdThreads, mempools } = await ovsOf({ control: path });
    expect(control).toEqual({ path, state: 'answers' });
    expect(pmdThreads).toEqual([{ numaNode: 0, cpu: 2, isIsolated: false, queues: [] }]);
    expect(mempools).toEqual({ unknown: 'netdev-dpdk/get-mempool-info: the server refuses: "not valid"' });
    expect(asked.filter((command) => command.includes('mempool'))).toEqual(['netdev-dpdk/get-mempool-info']);
  });

  test.each<[string, Behaviour, string]>([
    ['is silent', () => undefined, 'not answered within 0.4 s'],
    ['closes in the middle of an answer', (socket, { id }) => socket.end(`{"id":${id},"result":"ovs-`), 'closed the connection'],
    ['sends garbage', (socket) => socket.write('pmd thread numa_id 0'), 'no JSON mapping'],
    ['sends 50 MB', (socket) => socket.write(`{"result":"${'x'.repeat(sizeOfRow)}"}`), 'more than 16777216 bytes'],
  ])('that %s has failed, and what it would have said is unknown', async (_name, behave, reason) => {
    const path = await serveOvs(behave);
    const { control, pmdThreads, mempools } = await ovsOf({ control: path, timeoutMs: reason.includes('0.4 s') ? 400 : 20_000 });
    expect(control).toMatchObject({ path, state: 'failed', reason: expect.stringContaining(reason) });
    expect(pmdThreads).toEqual({ unknown: expect.stringContaining(reason) });
    expect(mempools).toEqual(pmdThreads);
  });

  test('is found beside that of OVSDB: the one of the process that runs, not one that was killed', async () => {
    const directory = temporaryDirectory();
    for (const name of ['ovs-vswitchd.17.ctl', 'ovs-vswitchd-dpdk.1234.ctl', 'ovs-vswitchd.999.ctl', 'ovsdb-server.1.ctl'])
      writeFileSync(join(directory, name), '');
    writeFileSync(join(directory, 'ovs-vswitchd.pid'), '1234\n');
    const { control, process } = await ovsOf({ ovsdb: join(directory, 'db.sock') });
    expect(control).toMatchObject({ path: join(directory, 'ovs-vswitchd-dpdk.1234.ctl'), state: 'dead' });
    expect(process).toEqual({ unknown: 'process 1234 is not ovs-vswitchd' });
  });
});
