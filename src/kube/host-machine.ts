import type { Field } from '../core/field.ts';
import { type Fact, listOf, mappingOf, numbersOf, readFact, textsOf } from './host-fact.ts';

/** The kernel's side of a host. */
export interface HostMachine {
  readonly kernelArguments: Fact<{ readonly field: Field; readonly words: readonly string[] }>;
  /** `enforcing`, `permissive` or `disabled`. */
  readonly selinux: Fact<string>;
  readonly cpus: Fact<HostCpus>;
  readonly numaNodes: Fact<readonly HostNumaNode[]>;
  readonly iommu: Fact<HostIommu>;
  readonly kubeletConfiguration: Fact<KubeletConfiguration>;
  readonly cpuManagerState: Fact<CpuManagerState>;
  readonly pciDevices: Fact<readonly PciDevice[]>;
}

/** CPUs by the kernel's numbers. */
export interface HostCpus {
  readonly online: readonly number[];
  /** The online threads of each physical core. */
  readonly cores: readonly (readonly number[])[];
  readonly isolated: Fact<readonly number[]>;
  readonly nohzFull: Fact<readonly number[]>;
  /** Such as `GenuineIntel`. */
  readonly vendor: Fact<string>;
  readonly flagsField: Field;
  readonly flags: Fact<readonly string[]>;
}

export interface HostNumaNode {
  readonly id: number;
  readonly cpus: readonly number[];
  readonly hugepagesField: Field;
  readonly hugepages: readonly { readonly sizeKiB: number; readonly total: number }[];
}

export interface HostIommu {
  readonly unitsField: Field;
  /** The names in `/sys/class/iommu`; none means that no IOMMU works. */
  readonly units: readonly string[];
  readonly groups: readonly { readonly typeField: Field; readonly type: Fact<string>; readonly devices: readonly string[] }[];
}

export interface KubeletConfiguration {
  readonly policyField: Field;
  /** `undefined` is `none`. */
  readonly cpuManagerPolicy: string | undefined;
  readonly reservedField: Field;
  readonly reservedSystemCpus: readonly number[];
  readonly strictField: Field;
  /** True when pods without CPUs of their own are kept from the reserved ones too. */
  readonly isReservationStrict: Fact<boolean>;
}

export interface CpuManagerState {
  readonly assigned: readonly {
    readonly cpusField: Field;
    readonly pod: string;
    readonly container: string;
    readonly cpus: readonly number[];
  }[];
}

export interface PciDevice {
  readonly field: Field;
  readonly address: string;
  readonly isPresent: boolean;
  /** True when a port of OVS or the user names it: a network controller that nobody asked for is the kernel's. */
  readonly isForDpdk: boolean;
  /** The driver that is bound; `undefined` for none. */
  readonly driver: string | undefined;
  readonly numaNode: number | undefined;
}

export function readMachine(spec: Field): HostMachine {
  const kernel = spec.get('kernel');
  const kubelet = spec.get('kubelet');
  return {
    kernelArguments: readFact(kernel.get('arguments'), (field) => ({ field, words: textsOf(field) ?? [] })),
    selinux: readFact(kernel.get('selinux'), (field) => field.string()),
    cpus: readFact(spec.get('cpus'), (field) => mappingOf(field, readCpus)),
    numaNodes: readFact(spec.get('numaNodes'), (field) => listOf(field, readNumaNode)),
    iommu: readFact(spec.get('iommu'), (field) => mappingOf(field, readIommu)),
    kubeletConfiguration: readFact(kubelet.get('configuration'), (field) => mappingOf(field, readKubelet)),
    cpuManagerState: readFact(kubelet.get('cpuManagerState'), (field) => mappingOf(field, readState)),
    pciDevices: readFact(spec.get('pciDevices'), (field) => listOf(field, readDevice)),
  };
}

function readCpus(field: Field): HostCpus {
  return {
    online: numbersOf(field.get('online')) ?? [],
    cores: listOf(field.get('cores'), (core) => numbersOf(core) ?? []) ?? [],
    isolated: readFact(field.get('isolated'), numbersOf),
    nohzFull: readFact(field.get('nohzFull'), numbersOf),
    vendor: readFact(field.get('vendor'), (vendor) => vendor.string()),
    flagsField: field.get('flags'),
    flags: readFact(field.get('flags'), textsOf),
  };
}

function readNumaNode(field: Field): HostNumaNode {
  const hugepagesField = field.get('hugepages');
  const pages = listOf(hugepagesField, (page) => ({
    sizeKiB: page.get('sizeKiB').count() ?? 0,
    total: page.get('total').count() ?? 0,
  }));
  return { id: field.get('id').count() ?? 0, cpus: numbersOf(field.get('cpus')) ?? [], hugepagesField, hugepages: pages ?? [] };
}

function readIommu(field: Field): HostIommu {
  const groups = listOf(field.get('groups'), (group) => ({
    typeField: group.get('type'),
    type: readFact(group.get('type'), (type) => type.string()),
    devices: textsOf(group.get('devices')) ?? [],
  }));
  return { unitsField: field.get('units'), units: textsOf(field.get('units')) ?? [], groups: groups ?? [] };
}

function readKubelet(field: Field): KubeletConfiguration {
  const policyField = field.get('cpuManagerPolicy');
  const reservedField = field.get('reservedSystemCpus');
  const strictField = field.get('isReservationStrict');
  return {
    policyField,
    cpuManagerPolicy: policyField.string(),
    reservedField,
    reservedSystemCpus: reservedField.isSet ? (numbersOf(reservedField) ?? []) : [],
    strictField,
    isReservationStrict: readFact(strictField, (strict) => strict.boolean()),
  };
}

function readState(field: Field): CpuManagerState {
  const assigned = listOf(field.get('assigned'), (entry) => ({
    cpusField: entry.get('cpus'),
    pod: entry.get('pod').string() ?? '',
    container: entry.get('container').string() ?? '',
    cpus: numbersOf(entry.get('cpus')) ?? [],
  }));
  return { assigned: assigned ?? [] };
}

function readDevice(field: Field): PciDevice {
  const askers = textsOf(field.get('askedBy')) ?? [];
  return {
    field,
    address: field.get('address').string() ?? '',
    isPresent: field.get('isPresent').boolean() !== false,
    isForDpdk: askers.includes('ovs') || askers.includes('user'),
    driver: field.get('driver').string(),
    numaNode: field.get('numaNode').count(),
  };
}
