import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { pciAddressIn } from '../core/pci-address.ts';
import { readSelinux } from './file-facts.ts';
import { HostRoot } from './host-root.ts';
import { HOST_SNAPSHOT_VERSION, type HostSnapshot } from './host-snapshot.ts';
import { isKnown, known } from './known.ts';
import type { OvsFacts, OvsInterface } from './ovs-facts.ts';
import { Processes } from './processes.ts';
import { readControl, withoutControl } from './read-control.ts';
import { readCpus, readNumaNodes } from './read-cpus.ts';
import { readKubelet } from './read-kubelet.ts';
import { readDatabase } from './read-ovs.ts';
import { readIommu, readPciDevices } from './read-pci.ts';
import { readOvsProcess } from './read-processes.ts';
import { readSockets } from './read-sockets.ts';
import { findSwitchFiles, locateDatabase } from './run-directory.ts';

/** Where to look, and how long to wait. */
export interface GatherOptions {
  /** Where the host's root is for this process. */
  readonly root: string;
  /** The host's name, where it is not the kernel's. */
  readonly name?: string | undefined;
  /** OVSDB's socket as this process sees it; where OVS puts it under `root`, when absent. */
  readonly ovsdb?: string | undefined;
  /** vswitchd's control socket as this process sees it; beside OVSDB's, when absent. */
  readonly control?: string | undefined;
  /** For each of the two servers, all in all. */
  readonly timeoutMs: number;
  /** Whether vswitchd is asked, through the database, if it is alive. That is a write, as each `ovs-vsctl` makes it. */
  readonly isVswitchdAsked: boolean;
  /** PCI addresses of devices that the snapshot must say something of. */
  readonly pciDevices: readonly string[];
  /** Directories that sockets are to lie in, whether or not one does. */
  readonly socketDirectories: readonly string[];
  readonly now: Date;
  /** Ends the conversations with both servers before their time. */
  readonly signal?: AbortSignal | undefined;
}

/** All that can be learnt of a host. What cannot is in the snapshot as not known, with why: this throws only for defects of its own. */
export async function gatherHost(options: GatherOptions): Promise<HostSnapshot> {
  const root = new HostRoot(options.root);
  const { pids, ...ovs } = await askOvs(root, options);
  // Only now: what is read of it from here on is of one moment.
  const processes = new Processes(root);
  const interfaces = isKnown(ovs.interfaces) ? ovs.interfaces : [];
  const usedByOvs = interfaces.flatMap((each) => pciAddressIn(each.options['dpdk-devargs'] ?? '') ?? []);
  const selinux = known(() => readSelinux(root));
  return {
    apiVersion: 'vhostguard.dev/v1alpha1',
    kind: 'HostSnapshot',
    metadata: { name: options.name ?? nameOf(root, options.root) },
    spec: {
      version: HOST_SNAPSHOT_VERSION,
      capturedAt: options.now.toISOString(),
      kernel: {
        arguments: known(() => readArguments(root)),
        selinux,
      },
      cpus: known(() => readCpus(root)),
      numaNodes: known(() => readNumaNodes(root)),
      iommu: known(() => readIommu(root)),
      kubelet: readKubelet(root, processes),
      pciDevices: known(() => readPciDevices(root, { ovs: usedByOvs, user: options.pciDevices })),
      ovs: { ...ovs, process: known(() => readOvsProcess(root, processes, pids)) },
      ...readSockets(root, processes, { interfaces, directories: options.socketDirectories, selinux }),
    },
  };
}

/** The rest of a command line is nobody's business: it can hold keys and addresses. */
const ARGUMENTS =
  /^(?:(?:default_)?hugepagesz|hugepages|(?:intel_|amd_)?iommu|vfio.*|isolcpus|nohz(?:_full)?|rcu_nocbs|irqaffinity|nosmt|maxcpus|systemd\.cpu_affinity|tuned\.non_isolcpus)(?:=|$)/;

function readArguments(root: HostRoot): string[] {
  const words = root.text('/proc/cmdline').split(/\s+/);
  return words.filter((word) => ARGUMENTS.test(word));
}

function nameOf(root: HostRoot, directory: string): string {
  const name = directory === '/' ? hostname() : known(() => root.textIfAny('/etc/hostname')?.trim());
  return typeof name === 'string' && name !== '' ? name : 'host';
}

/** What both servers say, and the processes that the files beside them name. */
async function askOvs(root: HostRoot, options: GatherOptions): Promise<Omit<OvsFacts, 'process'> & { readonly pids: readonly number[] }> {
  const ovsdb = options.ovsdb ?? locateDatabase(root, options.root);
  const { control, pids } = findSwitchFiles(dirname(ovsdb), options.control);
  const [database, { traffic, ...asked }] = await Promise.all([
    readDatabase(ovsdb, { timeoutMs: options.timeoutMs, isAsked: options.isVswitchdAsked, signal: options.signal }),
    typeof control === 'string' ? readControl(control, options) : withoutControl({ state: 'absent', reason: control.reason }),
  ]);
  return {
    ...database,
    ...asked,
    interfaces: isKnown(database.interfaces) ? database.interfaces.map((each) => withTraffic(each, traffic)) : database.interfaces,
    pids,
  };
}

function withTraffic(row: OvsInterface, traffic: ReadonlyMap<string, NonNullable<OvsInterface['traffic']>>): OvsInterface {
  const counted = traffic.get(row.name);
  return counted === undefined ? row : { ...row, traffic: counted };
}
