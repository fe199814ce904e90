import { mbufBytes } from '../kube/mempool.ts';

/** Bytes in a MiB, the unit of `dpdk-socket-mem`, which OVS calls MB. */
export const MIB = 1024 * 1024;

/** Smallest MTU that DPDK takes, in bytes. */
export const SMALLEST_MTU = 68;

/** Largest MTU that OVS takes, in bytes: with Ethernet's header, checksum and two VLAN tags (26 bytes) a frame has at most 9728. */
export const LARGEST_MTU = 9702;

/** Whole MiB that a pool needs. An mbuf lies within one page, so that of 2 MiB pages the rest of each is lost. */
export function poolMiB(mbufs: number, mtu: number, pageBytes: number): number {
  const bytes = mbufBytes(mtu);
  if (pageBytes > 2 * MIB) return Math.ceil((mbufs * bytes) / MIB);
  return Math.ceil(mbufs / Math.floor(pageBytes / bytes)) * (pageBytes / MIB);
}

/**
 * What TripleO gives a NUMA node that has DPDK NICs with these MTUs, in MiB.
 *
 * @see https://opendev.org/openstack/tripleo-common derive_params.py
 */
export function tripleoMiB(mtus: readonly number[]): number {
  if (mtus.length === 0) return 1024;
  const bytes = [...new Set(mtus)].reduce((sum, mtu) => sum + (Math.ceil(mtu / 1024) * 1024 + 800) * 4096 * 64, 0);
  return Math.ceil((bytes / MIB + 512) / 1024) * 1024;
}
