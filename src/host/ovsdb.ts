import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, quote } from '../core/json.ts';
import { type Conversation, ConversationError } from './json-rpc.ts';
import type { Handshake } from './ovs-facts.ts';
import { type OvsdbRow, rowsOf } from './ovsdb-rows.ts';

const DATABASE = 'Open_vSwitch';

/** What is read of each table; `_uuid` is in all of them, and no schema says so. */
const COLUMNS = {
  Open_vSwitch: ['ovs_version', 'dpdk_version', 'dpdk_initialized', 'iface_types', 'other_config', 'next_cfg', 'cur_cfg'],
  Bridge: ['name', 'datapath_type', 'ports'],
  Port: ['name', 'interfaces'],
  Interface: [
    ...['name', 'type', 'options', 'other_config', 'status', 'statistics', 'error'],
    ...['ofport', 'mtu', 'mtu_request', 'admin_state', 'link_state'],
  ],
} as const;

type Table = keyof typeof COLUMNS;

const TABLES = Object.keys(COLUMNS) as Table[];

/** The rows of the tables that say how the switch is configured, all of one moment. */
export type OvsTables = Readonly<Record<Table, readonly OvsdbRow[]>>;

/**
 * Reads the switch's configuration.
 *
 * @throws ConversationError; with a message that names the schema's version when that lacks what is read
 */
export async function readTables(database: Conversation): Promise<OvsTables> {
  checkSchema(await database.call('get_schema', [DATABASE]));
  const results = await transact(
    database,
    TABLES.map((table) => ({ op: 'select', table, where: [], columns: ['_uuid', ...COLUMNS[table]] })),
  );
  const [configuration, bridge, port, row] = results.map(rowsOf);
  return { Open_vSwitch: configuration ?? [], Bridge: bridge ?? [], Port: port ?? [], Interface: row ?? [] };
}

function checkSchema(schema: unknown): void {
  const tables = isObject(schema) && isObject(schema['tables']) ? schema['tables'] : {};
  const version = isObject(schema) ? quote(schema['version'] ?? 'none') : 'none';
  for (const table of TABLES) {
    const description = tables[table];
    const columns = isObject(description) && isObject(description['columns']) ? description['columns'] : undefined;
    if (columns === undefined) throw new ConversationError('failed', `the schema of version ${version} has no table ${table}`);
    const missing = COLUMNS[table].find((column) => !Object.hasOwn(columns, column));
    if (missing !== undefined)
      throw new ConversationError('failed', `the schema of version ${version} has no column ${missing} in table ${table}`);
  }
}

/** The results of operations on the switch's database. @throws ConversationError for one that fails: OVSDB says so within the result */
export async function transact(database: Conversation, operations: readonly object[]): Promise<unknown[]> {
  const results = await database.call('transact', [DATABASE, ...operations]);
  if (!Array.isArray(results)) throw new ConversationError('failed', 'the server answers a transaction without a list of results');
  for (const result of results)
    if (isObject(result) && result['error'] !== undefined)
      throw new ConversationError('failed', `the server refuses: ${quote(result['details'] ?? result['error'])}`);
  return results;
}

const POLL_MS = 20;

/**
 * Asks vswitchd to look at its configuration again, as `ovs-vsctl` does after each change, and waits until it has, or until
 * `waitMs` have passed.
 *
 * @throws ConversationError
 */
export async function shakeHands(database: Conversation, waitMs: number): Promise<Handshake> {
  const start = performance.now();
  const select = { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg', 'cur_cfg'] };
  const [, asked] = await transact(database, [
    { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
    select,
  ]);
  const goal = rowsOf(asked)[0]?.number('next_cfg') ?? 0;
  let answer = asked;
  for (;;) {
    const [row] = rowsOf(answer);
    const curCfg = row?.number('cur_cfg') ?? 0;
    const waitedMs = Math.round(performance.now() - start);
    const isDone = row !== undefined && curCfg >= goal;
    if (isDone || waitedMs >= waitMs) return { nextCfg: goal, curCfg, isDone, waitedMs };
    await sleep(POLL_MS);
    [answer] = await transact(database, [select]);
  }
}
