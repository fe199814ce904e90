import { type HostDescription, PAGE_BYTES } from './description.ts';
import type { NodeMemory } from './memory.ts';
import { MIB } from './mempool.ts';

/** The pages of one NUMA node. */
export interface NodePages {
  readonly node: number;
  readonly count: number;
  readonly because: string;
}

/** Pages per NUMA node: what OVS takes at its start, and what the VMs there need. Both come from the same pool, and the kubelet counts only the VMs. */
export function countHugepages({ numa, pageSize }: HostDescription, memory: readonly Pick<NodeMemory, 'node' | 'mib'>[]): NodePages[] {
  const pageBytes = PAGE_BYTES[pageSize];
  return numa.map(({ id, vmMemoryBytes }) => {
    const ovs = Math.ceil(((memory.find(({ node }) => node === id)?.mib ?? 0) * MIB) / pageBytes);
    const vms = vmMemoryBytes / pageBytes;
    return { node: id, count: ovs + vms, because: `NUMA node ${id}: ${ovs} for OVS + ${vms} for VMs = ${ovs + vms} pages of ${pageSize}` };
  });
}
