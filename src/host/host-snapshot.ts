import type { Known } from './known.ts';
import type { OvsFacts } from './ovs-facts.ts';

/** The form of a snapshot. One of another form is not judged: what is missing in it would be taken for absent. */
export const HOST_SNAPSHOT_VERSION = 1;

/** All that is known of one host, as an object that can be judged from a file as well as where it was taken. */
export interface HostSnapshot {
  readonly apiVersion: 'vhostguard.dev/v1alpha1';
  readonly kind: 'HostSnapshot';
  /** The host's name, as the kernel has it. */
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: typeof HOST_SNAPSHOT_VERSION;
    /** RFC 3339, UTC. */
    readonly capturedAt: string;
    readonly kernel: KernelFacts;
    readonly cpus: Known<CpuFacts>;
    readonly numaNodes: Known<readonly NumaNode[]>;
    readonly iommu: Known<IommuFacts>;
    readonly kubelet: KubeletFacts;
    /** Network controllers, and whatever else OVS or the user named. */
    readonly pciDevices: Known<readonly PciDevice[]>;
    readonly ovs: OvsFacts;
    /** One for each port of type dpdkvhostuserclient that names a path; none when the database could not be read. */
    readonly vhostSockets: readonly VhostSocket[];
    /** The directories of `vhostSockets`, and those that the user named; each once. */
    readonly socketDirectories: readonly SocketDirectory[];
  };
}

export interface KernelFacts {
  /**
   * The words of `/proc/cmdline` that concern hugepages, IOMMU and CPUs, in order. A hint only: an IOMMU can be on without an argument,
   * and off with one.
   */
  readonly arguments: Known<readonly string[]>;
  readonly selinux: Known<'enforcing' | 'permissive' | 'disabled'>;
}

/** CPUs by the kernel's numbers, in ascending order. */
export interface CpuFacts {
  readonly online: readonly number[];
  /** The online threads of each physical core. */
  readonly cores: readonly (readonly number[])[];
  /** From `/sys/devices/system/cpu/isolated`. */
  readonly isolated: Known<readonly number[]>;
  /** From `/sys/devices/system/cpu/nohz_full`; empty too where the kernel was built without it. */
  readonly nohzFull: Known<readonly number[]>;
  /** `vendor_id`, such as `GenuineIntel`. */
  readonly vendor: Known<string>;
  /** Of the first CPU in `/proc/cpuinfo`: `pse` is for pages of 2 MiB, `pdpe1gb` for those of 1 GiB; also `vmx`, `svm` and `hypervisor`. */
  readonly flags: Known<readonly string[]>;
}

export interface NumaNode {
  readonly id: number;
  readonly cpus: readonly number[];
  readonly memoryKiB: Known<number>;
  /** From sysfs, all sizes, ascending: `/proc/meminfo` counts the default size only. */
  readonly hugepages: readonly Hugepages[];
}

export interface Hugepages {
  readonly sizeKiB: number;
  readonly total: number;
  readonly free: number;
}

export interface IommuFacts {
  /** The names in `/sys/class/iommu`, such as `dmar0`; none means that no IOMMU works, whatever the kernel's arguments say. */
  readonly units: readonly string[];
  readonly groups: readonly IommuGroup[];
}

export interface IommuGroup {
  readonly id: number;
  /** `identity` is pass-through; `DMA` and `DMA-FQ` translate. */
  readonly type: Known<string>;
  /** PCI addresses, such as `0000:18:00.0`. */
  readonly devices: readonly string[];
}

export interface KubeletFacts {
  readonly configuration: Known<KubeletConfiguration>;
  readonly cpuManagerState: Known<CpuManagerState>;
}

/** What the kubelet's configuration and command line say; what they do not say is absent. */
export interface KubeletConfiguration {
  /** The configuration file; the command line, as `/proc/PID/cmdline`, where there is no other. */
  readonly path: string;
  readonly cpuManagerPolicy?: string;
  readonly topologyManagerPolicy?: string;
  readonly reservedSystemCpus?: readonly number[];
  /** `cpuManagerPolicyOptions["strict-cpu-reservation"]` is "true". */
  readonly isReservationStrict: boolean;
}

export interface CpuManagerState {
  readonly path: string;
  readonly policy: string;
  /** CPUs that pods without CPUs of their own share. */
  readonly defaultCpus: readonly number[];
  /** CPUs that containers have for themselves. */
  readonly assigned: readonly { readonly pod: string; readonly container: string; readonly cpus: readonly number[] }[];
}

export interface PciDevice {
  /** Such as `0000:18:00.0`. */
  readonly address: string;
  /** False: it was asked for by this address, and there is none. The rest is absent then. */
  readonly isPresent: boolean;
  /** What asked for it: it is a network controller, a port's `dpdk-devargs`, the user. */
  readonly askedBy: readonly ('class' | 'ovs' | 'user')[];
  /** Such as `0x8086`. */
  readonly vendor?: string;
  readonly device?: string;
  /** Such as `0x020000`. */
  readonly class?: string;
  /** Where the driver link points; absent when no driver is bound, whatever `driverOverride` says. */
  readonly driver?: string;
  readonly driverOverride?: string;
  /** Absent where the firmware names none. */
  readonly numaNode?: number;
  readonly iommuGroup?: number;
}

/** What is at a path, links followed. */
export type FileFacts =
  | { readonly state: 'absent' }
  | {
      readonly state: 'found';
      readonly type: 'socket' | 'file' | 'directory' | 'other';
      /** Four octal digits, such as `2775`. */
      readonly mode: string;
      readonly uid: number;
      readonly gid: number;
      /** SELinux context; absent where there is none. */
      readonly context?: string;
    };

/** A socket that OVS was told to connect to. */
export interface VhostSocket {
  readonly interface: string;
  /** As the port's option has it. */
  readonly path: string;
  /** DPDK cuts it to 107, and says nothing. */
  readonly pathBytes: number;
  /** With a relative path, unknown: it depends on where vswitchd was started. */
  readonly file: Known<FileFacts>;
  /** The directories on the way, from `/` on, up to the first that is not there. */
  readonly directories: Known<readonly { readonly path: string; readonly file: Known<FileFacts> }[]>;
  /** True when some process of this host listens behind the file; from each network namespace in `/proc`, since connecting would disturb QEMU. */
  readonly isListening: Known<boolean>;
}

export interface SocketDirectory {
  readonly path: string;
  readonly file: Known<FileFacts>;
  /** The CNI removes a directory when it deletes the last socket in it, unless another file keeps it. At most 1000, sorted. */
  readonly entries: Known<readonly { readonly name: string; readonly type: 'socket' | 'file' | 'directory' | 'other' }[]>;
}
