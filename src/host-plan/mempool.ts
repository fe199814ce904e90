/** Bytes in a MiB, the unit of `dpdk-socket-mem`, which OVS calls MB. */
export const MIB = 1024 * 1024;

/** Smallest MTU that DPDK takes, in bytes. */
export const SMALLEST_MTU = 68;

/** Largest MTU that OVS takes, in bytes: with Ethernet's header, checksum and two VLAN tags (26 bytes) a frame has at most 9728. */
export const LARGEST_MTU = 9702;

/** Mbufs of a pool whose MTU is that of Ethernet or more, and of all others. */
const MANY_MBUFS = 262_144;
const FEW_MBUFS = 16_384;

/** Descriptors of one queue: the default of `n_rxq_desc` and `n_txq_desc`, and the size that OVS gives vhost queues. */
const DESCRIPTORS = 2048;

/** What one `rte_eth_rx_burst` may take. */
const BURST = 32;
const MOST_LCORES = 128;

/** What a frame of that MTU occupies in an mbuf, in whole KiB: DPDK's drivers give a buffer in multiples of 1024 bytes. */
export function frameBytes(mtu: number): number {
  return Math.ceil((mtu + 26) / 1024) * 1024;
}

/**
 * Bytes of one mbuf with everything around it: 128 headroom, 704 OVS's packet metadata, 64 header and 64 trailer of the pool.
 *
 * @see https://github.com/openvswitch/ovs/blob/main/lib/netdev-dpdk.c dpdk_buf_size, dpdk_calculate_mbufs
 */
export function mbufBytes(mtu: number): number {
  return frameBytes(mtu) + 960;
}

/** Mbufs of a pool that all ports of one MTU class and NUMA node share. The limit is at MTU 999, not 1500 as OVS's manual has it. */
export function sharedMbufs(mtu: number): number {
  return frameBytes(mtu) + 128 - 18 >= 1500 ? MANY_MBUFS : FEW_MBUFS;
}

/** Mbufs of a port's own pool (`per-port-memory=true`). A physical port sends on one queue per PMD and one more; a vhost port on as many as it receives. */
export function portMbufs({ rxQueues, txQueues }: { readonly rxQueues: number; readonly txQueues: number }): number {
  return rxQueues * DESCRIPTORS + txQueues * DESCRIPTORS + Math.min(MOST_LCORES, rxQueues) * BURST + FEW_MBUFS;
}

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
