/** One NUMA node of the host. */
export interface NumaNode {
  readonly id: number;
  /** Ascending. */
  readonly cpus: readonly number[];
  /** Guest memory of the VMs that are to run here, in bytes; 0 where none do. */
  readonly vmMemoryBytes: number;
  /** vhost-user ports of those VMs. */
  readonly vmPorts: number;
}

/** A physical NIC that OVS is to drive. */
export interface Nic {
  /** PCI address with its domain, such as `0000:18:00.0`. */
  readonly pci: string;
  /** Id of its NUMA node. */
  readonly numa: number;
  readonly mtu: number;
  /** Receive queues. */
  readonly queues: number;
  /** Name of its port in OVS. */
  readonly port: string;
  /** True when its kernel driver shares the device with DPDK, so that it must not be bound to vfio-pci. */
  readonly isBifurcated: boolean;
}

/** All that a plan is computed from. Checked: its parts fit each other. */
export interface HostDescription {
  /** Name of the Kubernetes node; absent where the plan is for any. */
  readonly node: string | undefined;
  /** Ascending by id. */
  readonly numa: readonly NumaNode[];
  /** The CPUs of each physical core, ascending; cores ascending by their first CPU. */
  readonly cores: readonly (readonly number[])[];
  readonly nics: readonly Nic[];
  readonly pageSize: PageSize;
  readonly cpuVendor: CpuVendor;
  /** Physical cores that poll, on each NUMA node with work. */
  readonly pmdCores: number;
  /** Chosen by the user instead; ascending. */
  readonly pmdCpus: readonly number[] | undefined;
  /** Chosen by the user; ascending. */
  readonly reservedCpus: readonly number[] | undefined;
  /** `dpdk-socket-mem` chosen by the user, in MiB by NUMA node id. */
  readonly socketMem: readonly number[] | undefined;
  readonly perPortMemory: boolean;
  readonly vm: { readonly mtu: number; readonly queues: number };
  readonly bridge: string;
  readonly socketDirectory: string;
  readonly group: { readonly name: string; readonly gid: number };
}

/** As Kubernetes and KubeVirt write page sizes. */
export type PageSize = keyof typeof PAGE_BYTES;

/** Bytes of the pages that KubeVirt can give to guests. */
export const PAGE_BYTES = { '1Gi': 1024 ** 3, '2Mi': 2 * 1024 ** 2 } as const;

export type CpuVendor = 'intel' | 'amd';

/** A NIC as a user writes it. */
export interface WrittenNic {
  readonly pci: string;
  /** The kernel says -1 where it does not know. */
  readonly numa?: number;
  readonly mtu?: number;
  readonly queues?: number;
  readonly port?: string;
  readonly driver?: string;
}

/** A NUMA node as a user writes it. */
export interface WrittenNode {
  /** Its place in the list when absent. */
  readonly id?: number;
  readonly cpus: string;
  /** A quantity such as `16Gi`. */
  readonly vmMemory?: string;
  readonly vmPorts?: number;
}

/** A host as a user, a file or the host itself describes it; nothing of it is checked but its shape. */
export interface WrittenDescription {
  readonly node?: string;
  readonly numa?: readonly WrittenNode[];
  /** `none`, `+24` (CPUs n and n+24 share a core), or the CPU list of each core. */
  readonly siblings?: string | readonly string[];
  readonly nics?: readonly WrittenNic[];
  readonly pageSize?: string;
  readonly cpuVendor?: string;
  readonly pmdCores?: number;
  readonly pmdCpus?: string;
  readonly pmdCpuMask?: string;
  readonly reservedCpus?: string;
  readonly socketMem?: string;
  readonly perPortMemory?: boolean;
  readonly vmMtu?: number;
  readonly vmQueues?: number;
  readonly bridge?: string;
  readonly socketDirectory?: string;
  /** `NAME:GID`. */
  readonly group?: string;
}
