import { AppError } from '../core/errors.ts';
import { HostRoot } from '../host/host-root.ts';
import type { PciDevice } from '../host/host-snapshot.ts';
import { isKnown } from '../host/known.ts';
import { readCpus, readNumaNodes } from '../host/read-cpus.ts';
import { readPciDevices } from '../host/read-pci.ts';
import { formatCpuList } from '../host-plan/cpu-list.ts';
import type { WrittenDescription, WrittenNic } from '../host-plan/description.ts';
import { unreadable } from './read-text.ts';

/** What a host says of itself, and what it can not do. */
export interface DescribedHost {
  readonly written: WrittenDescription;
  /** True when its CPUs have no pages of 1 GiB. */
  readonly lacksGigabytePages: boolean;
  /** Network devices that stay with the kernel. */
  readonly otherNics: readonly string[];
}

const VENDORS: Readonly<Record<string, string>> = { GenuineIntel: 'intel', AuthenticAMD: 'amd', HygonGenuine: 'amd' };

/**
 * Describes the host whose root is at `directory`. Its NICs are those on vfio-pci already, and the asked ones: any other may be
 * the one that its administrator is connected through.
 *
 * @throws AppError INPUT_UNREADABLE when there is no sysfs; USAGE when there is no such NIC
 */
export function describeHost(directory: string, chosen: readonly WrittenNic[]): DescribedHost {
  const asked = chosen.map((nic) => ({ ...nic, pci: nic.pci.trim().toLowerCase() }));
  const { nodes, cpus, devices } = readFacts(directory, asked);
  const taken = devices.filter(({ driver, address }) => driver === 'vfio-pci' && !asked.some(({ pci }) => pci === address));
  const flags = isKnown(cpus.flags) ? cpus.flags : undefined;
  const lacksGigabytePages = flags?.includes('pdpe1gb') === false;
  const vendor = isKnown(cpus.vendor) ? VENDORS[cpus.vendor] : undefined;
  return {
    written: {
      numa: nodes.map(({ id, cpus: own }) => ({ id, cpus: formatCpuList(own) })),
      siblings: cpus.cores.map(formatCpuList),
      nics: [...asked.map((nic) => completeNic(nic, devices)), ...taken.map((device) => completeNic({ pci: device.address }, devices))],
      ...(vendor === undefined ? {} : { cpuVendor: vendor }),
      pageSize: lacksGigabytePages ? '2Mi' : '1Gi',
    },
    lacksGigabytePages,
    otherNics: devices.filter((device) => !taken.includes(device) && !asked.some(({ pci }) => pci === device.address)).map(describeDevice),
  };
}

function readFacts(directory: string, asked: readonly WrittenNic[]) {
  try {
    const root = new HostRoot(directory);
    return {
      nodes: readNumaNodes(root).filter(({ cpus }) => cpus.length > 0),
      cpus: readCpus(root),
      devices: readPciDevices(root, { ovs: [], user: asked.map(({ pci }) => pci) }),
    };
  } catch (thrown) {
    const { message, hint } = unreadable(directory, thrown);
    throw new AppError('INPUT_UNREADABLE', `cannot read the host at ${directory}: ${message}`, {
      hint: hint ?? 'give the directory that holds its sys and proc',
      cause: thrown,
    });
  }
}

function completeNic(nic: WrittenNic, devices: readonly PciDevice[]): WrittenNic {
  const device = devices.find(({ address }) => address === nic.pci);
  if (device === undefined || !device.isPresent) {
    const known = devices.filter(({ isPresent }) => isPresent).map(describeDevice);
    throw new AppError('USAGE', `the host has no device ${JSON.stringify(nic.pci)}`, {
      hint: known.length === 0 ? 'it has no network device at all' : `its network devices are ${known.join(', ')}`,
    });
  }
  return { numa: device.numaNode ?? -1, ...(device.driver === undefined ? {} : { driver: device.driver }), ...nic };
}

function describeDevice({ address, driver }: PciDevice): string {
  return driver === undefined ? address : `${address} (${driver})`;
}
