/** The PCI address that a port's `dpdk-devargs` begins with; other values name a virtual device, or a class. */
export function pciAddressIn(devargs: string): string | undefined {
  return /^(?:pci:)?([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=,|$)/i.exec(devargs)?.[1]?.toLowerCase();
}
