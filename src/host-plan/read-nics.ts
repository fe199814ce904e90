import { quote } from '../core/json.ts';
import type { Nic, NumaNode, WrittenNic } from './description.ts';
import { LARGEST_MTU, SMALLEST_MTU } from './mempool.ts';
import type { Problems } from './problems.ts';

/** Drivers that stay in charge of a device while DPDK uses it: bound to vfio-pci it would vanish from DPDK too. */
const BIFURCATED = new Set(['mlx4_core', 'mlx5_core', 'mana']);

/** Most receive queues that a plan takes; more than any host has PMDs for. */
const MOST_QUEUES = 128;

const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;

/** A name that OVS and Linux take for a port or a bridge. */
export const PORT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/;

/** The NICs of a description, in its order. */
export function readNics(written: readonly WrittenNic[], nodes: readonly NumaNode[], problems: Problems): Nic[] {
  const addresses = new Set<string>();
  const ports = new Set<string>();
  return written.map((nic, index) => {
    const pci = nic.pci.trim().toLowerCase();
    const port = nic.port ?? `dpdk${index}`;
    const name = `NIC ${quote(nic.pci)}`;
    if (!PCI_ADDRESS.test(pci)) {
      const hint = PCI_ADDRESS.test(`0000:${pci}`) ? `0000:${pci}` : 'such as 0000:18:00.0';
      problems.add(['nics', index, 'pci'], `${name} must be a PCI address with its domain: ${hint}`);
    }
    if (addresses.has(pci)) problems.add(['nics', index, 'pci'], `${name} is named twice`);
    addresses.add(pci);
    if (!PORT_NAME.test(port))
      problems.add(['nics', index, 'port'], `${name}: ${quote(port)} must be a name of 1 to 15 letters and digits`);
    if (ports.has(port)) problems.add(['nics', index, 'port'], `${name}: there are two ports ${quote(port)}`);
    ports.add(port);
    return {
      pci,
      port,
      numa: readNode(nic, { name, index, nodes }, problems),
      mtu: readMtu(nic.mtu ?? 1500, { name, path: ['nics', index, 'mtu'] }, problems),
      queues: readQueues(nic.queues ?? 1, { name, path: ['nics', index, 'queues'] }, problems),
      isBifurcated: BIFURCATED.has(nic.driver ?? ''),
    };
  });
}

/** Where the kernel knows no node, DPDK's devices count as on node 0. @see OVS lib/netdev-dpdk.c SOCKET0 */
function readNode(
  { numa }: WrittenNic,
  { name, index, nodes }: { readonly name: string; readonly index: number; readonly nodes: readonly NumaNode[] },
  problems: Problems,
): number {
  if (numa === undefined) {
    if (nodes.length > 1) problems.add(['nics', index, 'numa'], `${name}: its NUMA node is missing, as in numa=0`);
    return nodes[0]?.id ?? 0;
  }
  if (numa === -1) return nodes[0]?.id ?? 0;
  if (nodes.length > 0 && !nodes.some(({ id }) => id === numa)) {
    problems.add(['nics', index, 'numa'], `${name}: there is no NUMA node ${numa}: the host has ${nodes.map(({ id }) => id).join(', ')}`);
  }
  return numa;
}

interface Place {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** An MTU in bytes that OVS takes. */
export function readMtu(mtu: number, { name, path }: Place, problems: Problems): number {
  if (Number.isInteger(mtu) && mtu >= SMALLEST_MTU && mtu <= LARGEST_MTU) return mtu;
  problems.add(path, `${name}: mtu must be between ${SMALLEST_MTU} and ${LARGEST_MTU} bytes, not ${mtu}: OVS keeps the old one otherwise`);
  return 1500;
}

/** A number of queues. */
export function readQueues(queues: number, { name, path }: Place, problems: Problems): number {
  if (Number.isInteger(queues) && queues >= 1 && queues <= MOST_QUEUES) return queues;
  problems.add(path, `${name}: queues must be between 1 and ${MOST_QUEUES}, not ${queues}`);
  return 1;
}
