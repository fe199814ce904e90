import { AppError } from '../core/errors.ts';
import { type Conversation, ConversationError, converse } from './json-rpc.ts';
import { type Known, unread } from './known.ts';
import type { Bridge, Endpoint, Handshake, OvsConfiguration, OvsFacts, OvsInterface } from './ovs-facts.ts';
import { type OvsTables, readTables, shakeHands } from './ovsdb.ts';
import type { OvsdbRow } from './ovsdb-rows.ts';

type FromDatabase = Pick<OvsFacts, 'database' | 'handshake' | 'configuration' | 'bridges' | 'interfaces'>;

/** What is left of the time for OVSDB when vswitchd's answer is no longer waited for, so that the tables can still be read. */
const RESERVED_SHARE = 0.2;

/** What OVSDB says of the switch. `isAsked`: whether vswitchd is asked, through the database, if it is alive. */
export async function readDatabase(
  path: string,
  options: { readonly timeoutMs: number; readonly isAsked: boolean; readonly signal?: AbortSignal | undefined },
): Promise<FromDatabase> {
  try {
    const { handshake, tables } = await converse(path, options, async (database) => {
      // First: when it is asked, vswitchd opens again each port that failed for want of memory, which then shows no longer what it is.
      const before = await readTables(database);
      return { tables: before, handshake: await shake(database, options) };
    });
    return { database: { path, state: 'answers' }, handshake, ...partsOf(tables) };
  } catch (thrown) {
    const database = failedEndpoint(path, thrown);
    const unknown = { unknown: `OVSDB: ${database.reason}` };
    return { database, handshake: unknown, configuration: unknown, bridges: unknown, interfaces: unknown };
  }
}

/** Whether vswitchd is there to stand for what the tables say. */
async function shake(database: Conversation, { timeoutMs, isAsked }: { timeoutMs: number; isAsked: boolean }): Promise<Known<Handshake>> {
  if (!isAsked) return { unknown: 'vswitchd was not asked' };
  try {
    return await shakeHands(database, timeoutMs * (1 - RESERVED_SHARE));
  } catch (thrown) {
    if (thrown instanceof ConversationError && thrown.state !== 'failed') throw thrown;
    return unread(thrown);
  }
}

/** How a server failed. @throws whatever is not a failure of the conversation */
export function failedEndpoint(path: string, thrown: unknown): Endpoint & { readonly reason: string } {
  if (thrown instanceof ConversationError) return { path, state: thrown.state, reason: thrown.message };
  if (thrown instanceof AppError) return { path, state: 'failed', reason: thrown.message };
  throw thrown;
}

function partsOf(tables: OvsTables): Pick<FromDatabase, 'configuration' | 'bridges' | 'interfaces'> {
  const [row] = tables.Open_vSwitch;
  const portNames = new Map(tables.Port.flatMap((port) => port.uuids('_uuid').map((uuid) => [uuid, port.text('name') ?? ''] as const)));
  const bridgeOfPort = new Map<string, string>();
  const bridges = tables.Bridge.map((bridge): Bridge => {
    const name = bridge.text('name') ?? '';
    const ports = bridge.uuids('ports');
    for (const port of ports) bridgeOfPort.set(port, name);
    return { name, datapathType: bridge.text('datapath_type') ?? '', ports: ports.flatMap((port) => portNames.get(port) ?? []).sort() };
  });
  const bridgeOfInterface = new Map<string, string>();
  for (const port of tables.Port)
    for (const uuid of port.uuids('interfaces')) bridgeOfInterface.set(uuid, bridgeOfPort.get(port.uuids('_uuid')[0] ?? '') ?? '');
  return {
    configuration: row === undefined ? { unknown: 'OVSDB: table Open_vSwitch is empty' } : configurationOf(row),
    bridges: bridges.sort(byName),
    interfaces: tables.Interface.map((each) => interfaceOf(each, bridgeOfInterface.get(each.uuids('_uuid')[0] ?? ''))).sort(byName),
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function configurationOf(row: OvsdbRow): OvsConfiguration {
  return {
    ...present('ovsVersion', row.text('ovs_version')),
    ...present('dpdkVersion', row.text('dpdk_version')),
    isDpdkInitialized: row.boolean('dpdk_initialized') === true,
    interfaceTypes: row.texts('iface_types').sort(),
    otherConfig: row.textMap('other_config'),
  };
}

function interfaceOf(row: OvsdbRow, bridge: string | undefined): OvsInterface {
  return {
    name: row.text('name') ?? '',
    ...present('bridge', bridge === '' ? undefined : bridge),
    type: row.text('type') ?? '',
    options: row.textMap('options'),
    otherConfig: row.textMap('other_config'),
    status: row.textMap('status'),
    ...present('error', row.text('error')),
    ...present('ofport', row.number('ofport')),
    ...present('mtu', row.number('mtu')),
    ...present('mtuRequest', row.number('mtu_request')),
    ...present('adminState', row.text('admin_state')),
    ...present('linkState', row.text('link_state')),
    statistics: row.numberMap('statistics'),
  };
}

function present<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}
