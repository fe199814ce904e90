import { AppError } from '../core/errors.ts';
import { describeFileError } from '../core/system-error.ts';
import { HostRoot } from '../host/host-root.ts';
import { isKnown } from '../host/known.ts';
import { readCpus, readNumaNodes } from '../host/read-cpus.ts';
import { readPciDevices } from '../host/read-pci.ts';
import { formatCpuList } from '../host-plan/cpu-list.ts';
import type { WrittenDescription, WrittenNic } from '../host-plan/description.ts';

/** What a host says of itself, and what it can not do. */
export interface DescribedHost {
  readonly written: WrittenDescription;
  /** True when its CPUs have no pages of 1 GiB. */
  readonly lacksGigabytePages: boolean;
  /** Network devices that stay with the kernel. */
  readonly otherNics: readonly string[];
}

/** What is read of a host to describe it. */
export interface HostFacts {
  readonly nodes: readonly { readonly id: number; readonly cpus: readonly number[] }[];
  /** The CPUs of each physical core. */
  readonly cores: readonly (readonly number[])[];
  /** As the kernel has it, such as `GenuineIntel`; absent when it is not known, as are the flags. */
  readonly vendor: string | undefined;
  readonly flags: readonly string[] | undefined;
  readonly devices: readonly Device[];
}

interface Device {
  readonly address: string;
  readonly isPresent: boolean;
  readonly driver?: string | undefined;
  readonly numaNode?: number | undefined;
}

const VENDORS: Readonly<Record<string, string>> = { GenuineIntel: 'intel', AuthenticAMD: 'amd', HygonGenuine: 'amd' };

/**
 * Describes a host. Its NICs are those on vfio-pci already, and the asked ones: any other may be the one that its administrator is
 * connected through.
 *
 * @throws AppError USAGE when there is no such NIC
 */
export function describeHost({ nodes, cores, vendor, flags, devices }: HostFacts, chosen: readonly WrittenNic[]): DescribedHost {
  const asked = chosen.map((nic) => ({ ...nic, pci: addressOf(nic) }));
  const taken = devices.filter(({ driver, address }) => driver === 'vfio-pci' && !asked.some(({ pci }) => pci === address));
  const lacksGigabytePages = flags?.includes('pdpe1gb') === false;
  const cpuVendor = vendor === undefined ? undefined : VENDORS[vendor];
  return {
    written: {
      numa: nodes.filter(({ cpus }) => cpus.length > 0).map(({ id, cpus }) => ({ id, cpus: formatCpuList(cpus) })),
      siblings: cores.map(formatCpuList),
      nics: [...asked.map((nic) => completeNic(nic, devices)), ...taken.map((device) => completeNic({ pci: device.address }, devices))],
      ...(cpuVendor === undefined ? {} : { cpuVendor }),
      pageSize: lacksGigabytePages ? '2Mi' : '1Gi',
    },
    lacksGigabytePages,
    otherNics: devices.filter((device) => !taken.includes(device) && !asked.some(({ pci }) => pci === device.address)).map(describeDevice),
  };
}

function addressOf({ pci }: WrittenNic): string {
  return pci.trim().toLowerCase();
}

/** The facts of the host whose root is at `directory`. @throws AppError INPUT_UNREADABLE when there is no sysfs */
export function readHostFacts(directory: string, chosen: readonly WrittenNic[]): HostFacts {
  try {
    const root = new HostRoot(directory);
    const { cores, vendor, flags } = readCpus(root);
    return {
      nodes: readNumaNodes(root),
      cores,
      vendor: isKnown(vendor) ? vendor : undefined,
      flags: isKnown(flags) ? flags : undefined,
      devices: readPciDevices(root, { ovs: [], user: chosen.map(addressOf) }),
    };
  } catch (thrown) {
    throw new AppError('INPUT_UNREADABLE', `cannot read the host at ${directory}: ${describeFileError(thrown)}`, {
      hint: 'give the directory that holds its sys and proc',
      cause: thrown,
    });
  }
}

function completeNic(nic: WrittenNic, devices: readonly Device[]): WrittenNic {
  const device = devices.find(({ address }) => address === nic.pci);
  if (device === undefined || !device.isPresent) {
    const known = devices.filter(({ isPresent }) => isPresent).map(describeDevice);
    throw new AppError('USAGE', `the host has no device ${JSON.stringify(nic.pci)}`, {
      hint: known.length === 0 ? 'it has no network device at all' : `its network devices are ${known.join(', ')}`,
    });
  }
  return { numa: device.numaNode ?? -1, ...(device.driver === undefined ? {} : { driver: device.driver }), ...nic };
}

function describeDevice({ address, driver }: Device): string {
  return driver === undefined ? address : `${address} (${driver})`;
}
