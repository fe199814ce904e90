import type { Field } from '../core/field.ts';
import { type Fact, listOf, mappingOf, readFact, textMapOf, textsOf } from './host-fact.ts';

/** What is known of Open vSwitch on a host. */
export interface HostOvs {
  readonly database: OvsEndpoint;
  readonly control: OvsEndpoint;
  readonly vswitchd: Fact<OvsProcess>;
  readonly handshake: Fact<{ readonly field: Field; readonly isDone: boolean; readonly nextCfg: number; readonly curCfg: number }>;
  readonly configuration: Fact<OvsConfiguration>;
  readonly bridges: Fact<readonly OvsBridge[]>;
  readonly interfaces: Fact<readonly OvsInterface[]>;
  readonly pmdThreads: Fact<readonly PmdThread[]>;
  readonly mempools: Fact<readonly Mempool[]>;
}

export interface OvsEndpoint {
  readonly stateField: Field;
  readonly state: string | undefined;
  readonly reason: string | undefined;
}

/** Who ovs-vswitchd is, for what it may connect to. */
export interface OvsProcess {
  readonly uid: number;
  /** The effective group and the supplementary ones. */
  readonly groups: readonly number[];
  /** True with CAP_DAC_OVERRIDE: modes do not hold it back. */
  readonly overridesModes: boolean;
}

export interface OvsConfiguration {
  readonly field: Field;
  readonly dpdkVersion: string | undefined;
  readonly isDpdkInitialized: boolean;
  /** The types of interfaces that this vswitchd can open. */
  readonly interfaceTypes: Fact<readonly string[]>;
  readonly otherConfigField: Field;
  readonly otherConfig: ReadonlyMap<string, string>;
}

export interface OvsBridge {
  readonly datapathField: Field;
  readonly name: string;
  readonly datapathType: string;
  readonly ports: readonly string[];
}

export interface OvsInterface {
  readonly field: Field;
  readonly name: string;
  readonly type: string;
  readonly options: ReadonlyMap<string, string>;
  readonly status: ReadonlyMap<string, string>;
  /** The name of its bridge; `undefined` for one that is on none. */
  readonly bridge: string | undefined;
  /** What OVS says of it that keeps it from opening. */
  readonly error: string | undefined;
  /** True for one that vswitchd tried to open in vain. */
  readonly isUnopened: boolean;
  readonly mtu: number | undefined;
  /** What the user asked for, in bytes. */
  readonly mtuRequest: number | undefined;
  /** `undefined` for a port whose packets nobody counted. */
  readonly traffic: Traffic | undefined;
}

/** A pool of packet buffers. Ports of one MTU class and NUMA node share one, unless `per-port-memory` is set. */
export interface Mempool {
  readonly field: Field;
  readonly numaNode: number;
  /** Buffers. */
  readonly size: number;
  readonly objectBytes: number;
}

/** Packets since the port is there, as of the second of two samples. */
export interface Traffic {
  readonly rxPackets: number;
  readonly txPackets: number;
}

export interface PmdThread {
  readonly field: Field;
  readonly numaNode: number;
  readonly cpu: number;
  readonly ports: readonly string[];
}

export function readOvs(ovs: Field): HostOvs {
  return {
    database: readEndpoint(ovs.get('database')),
    control: readEndpoint(ovs.get('control')),
    vswitchd: readFact(ovs.get('process'), (field) => mappingOf(field, readProcess)),
    handshake: readFact(ovs.get('handshake'), (field) =>
      mappingOf(field, () => ({
        field,
        isDone: field.get('isDone').boolean() === true,
        nextCfg: field.get('nextCfg').count() ?? 0,
        curCfg: field.get('curCfg').count() ?? 0,
      })),
    ),
    configuration: readFact(ovs.get('configuration'), (field) => mappingOf(field, readConfiguration)),
    bridges: readFact(ovs.get('bridges'), (field) => listOf(field, readBridge)),
    interfaces: readFact(ovs.get('interfaces'), (field) => listOf(field, readInterface)),
    pmdThreads: readFact(ovs.get('pmdThreads'), (field) => listOf(field, readThread)),
    mempools: readFact(ovs.get('mempools'), (field) => listOf(field, readMempool)),
  };
}

function readEndpoint(field: Field): OvsEndpoint {
  const stateField = field.get('state');
  return { stateField, state: stateField.string(), reason: field.get('reason').string() };
}

function readProcess(field: Field): OvsProcess {
  const groups = field
    .get('groups')
    .items()
    .map((group) => group.count());
  return {
    uid: field.get('uid').count() ?? 0,
    groups: [field.get('gid').count(), ...groups].filter((group) => group !== undefined),
    overridesModes: field.get('overridesModes').boolean() === true,
  };
}

function readConfiguration(field: Field): OvsConfiguration {
  const otherConfigField = field.get('otherConfig');
  return {
    field,
    dpdkVersion: field.get('dpdkVersion').string(),
    isDpdkInitialized: field.get('isDpdkInitialized').boolean() === true,
    interfaceTypes: readFact(field.get('interfaceTypes'), textsOf),
    otherConfigField,
    otherConfig: textMapOf(otherConfigField),
  };
}

function readBridge(field: Field): OvsBridge {
  const datapathField = field.get('datapathType');
  const ports = textsOf(field.get('ports')) ?? [];
  return { datapathField, name: field.get('name').string() ?? '', datapathType: datapathField.string() ?? '', ports };
}

function readInterface(field: Field): OvsInterface {
  const traffic = field.get('traffic');
  const error = field.get('error').string() || undefined;
  return {
    field,
    name: field.get('name').string() ?? '',
    type: field.get('type').string() ?? '',
    options: textMapOf(field.get('options')),
    status: textMapOf(field.get('status')),
    bridge: field.get('bridge').string(),
    error,
    // Of an interface that is new, and at which vswitchd has not looked yet, it is absent.
    isUnopened: error !== undefined || field.get('ofport').value === -1,
    mtu: field.get('mtu').count(),
    mtuRequest: field.get('mtuRequest').count(),
    traffic: traffic.object() && readTraffic(traffic),
  };
}

function readMempool(field: Field): Mempool {
  return {
    field,
    numaNode: field.get('numaNode').count() ?? 0,
    size: field.get('size').count() ?? 0,
    objectBytes: field.get('objectBytes').count() ?? 0,
  };
}

function readTraffic(field: Field): Traffic {
  const last = (samples: Field): number => samples.items().at(-1)?.count() ?? 0;
  return { rxPackets: last(field.get('rxPackets')), txPackets: last(field.get('txPackets')) };
}

function readThread(field: Field): PmdThread {
  return {
    field,
    numaNode: field.get('numaNode').count() ?? 0,
    cpu: field.get('cpu').count() ?? 0,
    ports: field
      .get('queues')
      .items()
      .map((queue) => queue.get('port').string() ?? ''),
  };
}
