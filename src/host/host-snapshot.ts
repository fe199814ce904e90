/** A part that could not be read, with why. It says nothing of what is there: a rule that needs it skips. */
export interface Unread {
  readonly unknown: string;
}

/** A part as it was found, or why it is not known. */
export type Known<T> = T | Unread;

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

/** What the kubelet's configuration file says; what it does not say is absent. */
export interface KubeletConfiguration {
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

/**
 * How a unix socket answers.
 *
 * | state | means |
 * |---|---|
 * | answers | a server speaks the protocol |
 * | absent | nothing is at the path, or no path is known |
 * | dead | something is there, and nothing listens behind it (stale socket, plain file) |
 * | forbidden | the user who asked may not connect: nothing is known of the server |
 * | failed | a server listens, and does not do its part: silent, closes, garbage, too much, an unknown schema |
 */
export interface Endpoint {
  /** Absent when none was found. */
  readonly path?: string;
  readonly state: 'answers' | 'absent' | 'dead' | 'forbidden' | 'failed';
  /** Absent when it answers. */
  readonly reason?: string;
}

export interface OvsFacts {
  /** The OVSDB server. Unless it answers, `configuration` and `bridges` are unknown. */
  readonly database: Endpoint;
  /** The control socket of ovs-vswitchd. Unless it answers, `pmdThreads` and `mempools` are unknown, and there is no `traffic`. */
  readonly control: Endpoint;
  readonly process: Known<OvsProcess>;
  readonly handshake: Known<Handshake>;
  readonly configuration: Known<OvsConfiguration>;
  readonly bridges: Known<readonly Bridge[]>;
  readonly interfaces: Known<readonly OvsInterface[]>;
  readonly pmdThreads: Known<readonly PmdThread[]>;
  readonly mempools: Known<readonly Mempool[]>;
}

/** Who ovs-vswitchd is, for what it may connect to. */
export interface OvsProcess {
  readonly pid: number;
  /** Effective ids. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** True with CAP_DAC_OVERRIDE: modes do not hold it back. */
  readonly overridesModes: boolean;
  /** SELinux context; absent where there is none. */
  readonly context?: string;
}

/**
 * The database asked vswitchd to reconfigure itself (`next_cfg`), and vswitchd answered by setting `cur_cfg`, or did not in time.
 * `dpdk_initialized`, `status` and the like stay in the database after vswitchd has died: they are true only when it is done.
 */
export interface Handshake {
  readonly nextCfg: number;
  readonly curCfg: number;
  readonly isDone: boolean;
  /** How long it took, or was waited for. */
  readonly waitedMs: number;
}

/** The one row of table Open_vSwitch. */
export interface OvsConfiguration {
  readonly ovsVersion?: string;
  /** Such as `DPDK 22.11.11`; `none` of a build without DPDK. */
  readonly dpdkVersion?: string;
  readonly isDpdkInitialized: boolean;
  /** Interface types that vswitchd offers; dpdkvhostuserclient is missing until DPDK is initialised. */
  readonly interfaceTypes: readonly string[];
  readonly otherConfig: Readonly<Record<string, string>>;
}

export interface Bridge {
  readonly name: string;
  /** Empty is `system`. */
  readonly datapathType: string;
  readonly ports: readonly string[];
}

/** A row of table Interface. What the row leaves empty is absent. */
export interface OvsInterface {
  readonly name: string;
  readonly bridge?: string;
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  readonly otherConfig: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<string, string>>;
  readonly error?: string;
  /** -1 when vswitchd could not open it. */
  readonly ofport?: number;
  readonly mtu?: number;
  readonly mtuRequest?: number;
  readonly adminState?: string;
  readonly linkState?: string;
  /** As vswitchd last wrote them, every five seconds unless told otherwise. */
  readonly statistics: Readonly<Record<string, number>>;
  /** Absent for a port that is not on the datapath, or has no counters yet: vhost-user without a VM. */
  readonly traffic?: Traffic;
}

/**
 * A pool of packet buffers, as DPDK lists it. Ports of one MTU class and NUMA node share one, unless `per-port-memory` is set. Which ports
 * is not asked: OVS 3.1 crashes when it is asked for the pool of a port that has none.
 */
export interface Mempool {
  readonly name: string;
  readonly numaNode: number;
  /** Buffers. */
  readonly size: number;
  readonly objectBytes: number;
}

/** Packets that vswitchd itself counted, twice: unlike `statistics`, these are of the moment. */
export interface Traffic {
  readonly intervalMs: number;
  readonly rxPackets: readonly [number, number];
  readonly txPackets: readonly [number, number];
  readonly rxDropped: readonly [number, number];
  readonly txDropped: readonly [number, number];
}

export interface PmdThread {
  readonly numaNode: number;
  readonly cpu: number;
  readonly isIsolated: boolean;
  readonly queues: readonly PmdQueue[];
}

export interface PmdQueue {
  readonly port: string;
  readonly queue: number;
  readonly isEnabled: boolean;
  /** Share of the last minute; absent while vswitchd has no figure. */
  readonly usagePercent?: number;
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
