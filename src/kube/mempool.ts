/** Mbufs of a shared pool whose MTU is that of Ethernet or more. */
export const MANY_MBUFS = 262_144;

/** Mbufs of all other shared pools, and the fewest of any: OVS fails rather than take less. */
export const FEW_MBUFS = 16_384;

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

/** The queues of a port, and the descriptors of each where these are not OVS's default. */
export interface PortQueues {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly rxDescriptors?: number;
  readonly txDescriptors?: number;
}

/** Mbufs of a port's own pool (`per-port-memory=true`). A physical port sends on one queue per PMD and one more; a vhost port on as many as it receives. */
export function portMbufs({ rxQueues, txQueues, rxDescriptors = DESCRIPTORS, txDescriptors = DESCRIPTORS }: PortQueues): number {
  return rxQueues * rxDescriptors + txQueues * txDescriptors + Math.min(MOST_LCORES, rxQueues) * BURST + FEW_MBUFS;
}
