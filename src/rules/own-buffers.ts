import type { Mempool, OvsInterface } from '../kube/host-ovs.ts';
import { FEW_MBUFS, mbufBytes, portMbufs } from '../kube/mempool.ts';

/** A pool that is smaller than what its port needs. */
export interface HalvedPool {
  readonly port: string;
  readonly pool: Mempool;
  /** What OVS asked for first. */
  readonly askedFor: number;
}

/**
 * The pools of ports that have one each (`per-port-memory`) and that OVS had to halve. DPDK's list does not say whose a pool is: a port is
 * taken to have a halved one when no pool of its size, node and MTU is left, and one of half its size is.
 *
 * @param pmdThreads how many there are, as a NIC sends on a queue for each; `undefined` leaves NICs out
 */
export function halvedPools(ports: readonly OvsInterface[], pools: readonly Mempool[], pmdThreads: number | undefined): HalvedPool[] {
  const left = new Set(pools);
  const take = (port: OvsInterface, size: number): Mempool | undefined => {
    const found = [...left].find((pool) => pool.size === size && isFor(port, pool));
    if (found !== undefined) left.delete(found);
    return found;
  };
  const wanting = ports.flatMap((port) => {
    const askedFor = buffersOf(port, pmdThreads);
    return askedFor === undefined || take(port, askedFor) !== undefined ? [] : [{ port, askedFor }];
  });
  return wanting.flatMap(({ port, askedFor }) => {
    const pool = halvesOf(askedFor).reduce<Mempool | undefined>((found, size) => found ?? take(port, size), undefined);
    return pool === undefined ? [] : [{ port: port.name, pool, askedFor }];
  });
}

function isFor({ status, mtu = 0 }: OvsInterface, { numaNode, objectBytes }: Mempool): boolean {
  return objectBytes === mbufBytes(mtu) && (status.get('numa') ?? status.get('numa_id')) === String(numaNode);
}

/** What a port asks for: VMs have as many queues as they have pairs of rings, NICs what their options say. */
function buffersOf({ type, status, options, mtu = 0 }: OvsInterface, pmdThreads: number | undefined): number | undefined {
  if (mtu === 0) return undefined;
  if (type !== 'dpdk') {
    const pairs = Math.floor((countIn(status.get('num_of_vrings')) ?? 0) / 2);
    return pairs === 0 ? undefined : portMbufs({ rxQueues: pairs, txQueues: pairs });
  }
  if (pmdThreads === undefined) return undefined;
  const rxDescriptors = countIn(options.get('n_rxq_desc'));
  const txDescriptors = countIn(options.get('n_txq_desc'));
  return portMbufs({
    rxQueues: countIn(options.get('n_rxq')) ?? 1,
    txQueues: pmdThreads + 1,
    ...(rxDescriptors === undefined ? {} : { rxDescriptors }),
    ...(txDescriptors === undefined ? {} : { txDescriptors }),
  });
}

function countIn(text = ''): number | undefined {
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}

function halvesOf(size: number): number[] {
  const half = Math.floor(size / 2);
  return half < FEW_MBUFS ? [] : [half, ...halvesOf(half)];
}
