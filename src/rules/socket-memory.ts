import type { OvsConfiguration } from '../kube/host-ovs.ts';

/** `dpdk-socket-mem` or `dpdk-socket-limit`: MiB by NUMA node, in order. `undefined` where it is not set or not such a list. */
export function socketMiB({ otherConfig }: OvsConfiguration, key: 'dpdk-socket-mem' | 'dpdk-socket-limit'): number[] | undefined {
  const entries = otherConfig.get(key)?.split(',');
  if (entries === undefined || entries.some((entry) => !/^\d{1,9}$/.test(entry))) return undefined;
  return entries.map(Number);
}
