import { frameBytes, mbufBytes, portMbufs, sharedMbufs } from '../kube/mempool.ts';
import type { HostDescription, NumaNode } from './description.ts';
import { PAGE_BYTES } from './description.ts';
import { MIB, poolMiB, tripleoMiB } from './mempool.ts';
import { workingNodes } from './pmd-cpus.ts';

/** MiB for what is no mbuf: DPDK's heap and rings, and OVS's ports. Real pools leave it as the first to run short. */
const HEADROOM_MIB = 64;

/** Memory of one NUMA node in MiB, and how it comes about. */
export interface NodeMemory {
  readonly node: number;
  readonly mib: number;
  readonly because: readonly string[];
}

/** One pool of mbufs, or several alike. */
interface Pool {
  readonly mtu: number;
  readonly mbufs: number;
  readonly count: number;
  readonly owner: string;
}

/** `dpdk-socket-mem` by OVS's own formula, where all ports of a NUMA node share one pool for each MTU class. */
export function sharedModel(description: HostDescription): NodeMemory[] {
  return sizeNodes(description, (node) => {
    const classes = new Map<number, { mtus: Set<number>; owners: string[] }>();
    for (const { mtu, owner } of portsOf(description, node)) {
      const known = classes.get(frameBytes(mtu)) ?? { mtus: new Set(), owners: [] };
      known.mtus.add(mtu);
      known.owners.push(owner);
      classes.set(frameBytes(mtu), known);
    }
    return [...classes.values()].map(({ mtus, owners }) => {
      const mtu = Math.max(...mtus);
      return { mtu, mbufs: sharedMbufs(mtu), count: 1, owner: owners.join(' and ') };
    });
  });
}

/** `dpdk-socket-mem` by OVS's own formula, where each port has a pool of its own (`per-port-memory=true`). */
export function perPortModel(description: HostDescription, pmds: number): NodeMemory[] {
  return sizeNodes(description, (node) =>
    portsOf(description, node).map(({ mtu, owner, queues, isPhysical, count }) => ({
      mtu,
      owner,
      count,
      mbufs: portMbufs({ rxQueues: queues, txQueues: isPhysical ? pmds + 1 : queues }),
    })),
  );
}

interface Port {
  readonly mtu: number;
  readonly queues: number;
  readonly isPhysical: boolean;
  readonly count: number;
  readonly owner: string;
}

function portsOf({ nics, vm }: HostDescription, { id, vmPorts }: NumaNode): Port[] {
  const physical = nics.filter(({ numa }) => numa === id);
  return [
    ...physical.map(({ mtu, queues, pci }) => ({ mtu, queues, isPhysical: true, count: 1, owner: pci })),
    ...(vmPorts > 0 ? [{ ...vm, isPhysical: false, count: vmPorts, owner: vmPorts === 1 ? 'a VM port' : `${vmPorts} VM ports` }] : []),
  ];
}

function sizeNodes(description: HostDescription, poolsOf: (node: NumaNode) => readonly Pool[]): NodeMemory[] {
  const working = workingNodes(description);
  const pageBytes = PAGE_BYTES[description.pageSize];
  return description.numa.map((node) => {
    if (!working.includes(node)) return { node: node.id, mib: 0, because: ['no NIC and no VM, so no pool'] };
    const pools = poolsOf(node).map((pool) => ({ ...pool, mib: poolMiB(pool.mbufs, pool.mtu, pageBytes) }));
    const needed = pools.reduce((sum, { mib, count }) => sum + mib * count, HEADROOM_MIB);
    const mib = roundUp(needed, pageBytes / MIB);
    const sum = `${[...pools.map((pool) => (pool.count === 1 ? `${pool.mib}` : `${pool.count} * ${pool.mib}`)), `${HEADROOM_MIB} for DPDK itself`].join(' + ')} = ${needed} MiB`;
    return {
      node: node.id,
      mib,
      because: [...pools.map(describePool), `${sum}, in whole ${description.pageSize} pages ${mib} MiB`],
    };
  });
}

function describePool({ mtu, mbufs, owner, mib }: Pool & { readonly mib: number }): string {
  return `MTU ${mtu} (${owner}): ${mbufs} mbufs of roundup(${mtu} + 26, 1024) + 960 = ${mbufBytes(mtu)} bytes = ${mib} MiB`;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** `OvsDpdkSocketMemory` as TripleO derives it, for comparison. */
export function tripleoModel({ numa, nics }: HostDescription): NodeMemory[] {
  return numa.map(({ id }) => {
    const mtus = [...new Set(nics.filter((nic) => nic.numa === id).map(({ mtu }) => mtu))];
    const terms = mtus.map((mtu) => `(${Math.ceil(mtu / 1024) * 1024} + 800) * 262144 bytes`);
    const sum = `${terms.join(' + ')} + 512 MiB, rounded up to a multiple of 1024`;
    return { node: id, mib: tripleoMiB(mtus), because: [mtus.length === 0 ? 'no DPDK NIC: always 1024 MiB' : sum] };
  });
}

/** The value of `dpdk-socket-mem`: MiB by NUMA node id; a node that is not there has 0. */
export function toSocketMem(memory: readonly Pick<NodeMemory, 'node' | 'mib'>[]): string {
  const last = Math.max(0, ...memory.map(({ node }) => node));
  return Array.from({ length: last + 1 }, (_, id) => memory.find(({ node }) => node === id)?.mib ?? 0).join(',');
}

/** Why the two formulas give different figures, as far as they do for this host. */
export function compareModels(
  shared: readonly NodeMemory[],
  tripleo: readonly NodeMemory[],
  { vm, numa, nics }: HostDescription,
): string[] {
  if (toSocketMem(shared) === toSocketMem(tripleo)) return [];
  const vmOnly = numa.filter(
    ({ id, vmPorts }) => vmPorts > 0 && nics.every((nic) => nic.numa !== id || frameBytes(nic.mtu) !== frameBytes(vm.mtu)),
  );
  const idle = shared.filter(({ mib }) => mib === 0).map(({ node }) => node);
  return [
    'TripleO adds 512 MiB to each node with a DPDK NIC and rounds up to 1024 MiB; OVS needs its pools, and a page is the unit',
    'TripleO counts 800 bytes around a frame and leaves out its 26 bytes of Ethernet and VLAN; OVS counts 960 and 26',
    'TripleO counts each MTU; OVS shares a pool among the MTUs of one KiB class',
    ...(vmOnly.length === 0
      ? []
      : [`TripleO does not count the pool of VM ports with MTU ${vm.mtu} on NUMA node ${vmOnly.map(({ id }) => id).join(', ')}`]),
    ...(idle.length === 0 ? [] : [`TripleO gives 1024 MiB to NUMA node ${idle.join(', ')}, which has no port`]),
  ];
}
