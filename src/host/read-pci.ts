import { posix } from 'node:path';
import { compareText } from '../core/compare-text.ts';
import { AppError } from '../core/errors.ts';
import type { HostRoot } from './host-root.ts';
import type { IommuFacts, IommuGroup, PciDevice } from './host-snapshot.ts';
import { known } from './known.ts';

const SYSFS = '/sys';
const BUSES = `${SYSFS}/bus`;
const DEVICES = `${BUSES}/pci/devices`;
const GROUPS = `${SYSFS}/kernel/iommu_groups`;

/** Base class 02 of the PCI code and id assignment specification. */
const NETWORK_CONTROLLER = /^0x02/;

/**
 * Network controllers, and the devices at these addresses.
 * @throws when the bus cannot be listed: without any bus there is no sysfs, and no telling an absent device from one that is not seen
 */
export function readPciDevices(root: HostRoot, asked: { readonly ovs: readonly string[]; readonly user: readonly string[] }): PciDevice[] {
  const present = root.names(BUSES).includes('pci') ? root.names(DEVICES) : [];
  const addresses = new Set([...present, ...asked.ovs, ...asked.user]);
  return [...addresses].sort(compareText).flatMap((address) => {
    const isPresent = present.includes(address);
    const code = isPresent ? root.textIfAny(`${DEVICES}/${address}/class`) : undefined;
    const askedBy = [
      ...(NETWORK_CONTROLLER.test(code ?? '') ? (['class'] as const) : []),
      ...(asked.ovs.includes(address) ? (['ovs'] as const) : []),
      ...(asked.user.includes(address) ? (['user'] as const) : []),
    ];
    if (askedBy.length === 0) return [];
    return [{ address, isPresent, askedBy, ...(isPresent ? readDevice(root, address) : {}) }];
  });
}

function readDevice(root: HostRoot, address: string): Partial<PciDevice> {
  const read = (name: string) => root.textIfAny(`${DEVICES}/${address}/${name}`)?.trim();
  const link = (name: string) => root.linkIfAny(`${DEVICES}/${address}/${name}`);
  const driver = link('driver');
  const driverOverride = read('driver_override');
  const numaNode = Number(read('numa_node') ?? -1);
  const iommuGroup = link('iommu_group');
  return {
    ...present('vendor', read('vendor')),
    ...present('device', read('device')),
    ...present('class', read('class')),
    ...present('driver', driver && posix.basename(driver)),
    ...present('driverOverride', driverOverride === '(null)' || driverOverride === '' ? undefined : driverOverride),
    ...present('numaNode', numaNode < 0 ? undefined : numaNode),
    ...present('iommuGroup', iommuGroup && Number(posix.basename(iommuGroup))),
  };
}

function present<K extends string, V>(key: K, value: V | undefined | ''): { [key in K]?: V } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [key in K]?: V });
}

/** What the kernel made of the IOMMU. @throws when sysfs cannot be read */
export function readIommu(root: HostRoot): IommuFacts {
  const groups = root.namesIfAny(GROUPS).filter((name) => /^\d+$/.test(name));
  // Without sysfs at all there is nothing to tell an absent IOMMU from.
  if (root.names(SYSFS).length === 0) throw new AppError('INPUT_UNREADABLE', `${SYSFS} is empty`);
  return {
    units: root.namesIfAny(`${SYSFS}/class/iommu`),
    groups: groups
      .map(Number)
      .sort((a, b) => a - b)
      .map(
        (id): IommuGroup => ({
          id,
          type: known(() => root.text(`${GROUPS}/${id}/type`)),
          devices: root.namesIfAny(`${GROUPS}/${id}/devices`),
        }),
      ),
  };
}
