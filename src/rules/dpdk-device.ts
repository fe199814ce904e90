import { quote } from '../core/json.ts';
import type { PciDevice } from '../kube/host-machine.ts';

/** Drivers that DPDK works beside or through. @see https://doc.dpdk.org/guides/linux_gsg/linux_drivers.html */
const FITTING = new Set(['vfio-pci', 'mlx4_core', 'mlx5_core', 'mana', 'igb_uio', 'uio_pci_generic']);

/** Why DPDK cannot open a device, with what to do; `undefined` when nothing speaks against it. */
export function obstacleOf({ address, driver, isPresent }: PciDevice): string | undefined {
  if (!isPresent) return `there is no PCI device ${quote(address)}: use an address that \`lspci -D\` shows`;
  if (driver !== undefined && FITTING.has(driver)) return undefined;
  const holder = driver === undefined ? 'has no driver' : `is held by the driver ${quote(driver)}`;
  return `${address} ${holder}: run \`driverctl set-override ${address} vfio-pci\``;
}
