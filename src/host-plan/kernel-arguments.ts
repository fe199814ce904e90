import { formatCpuList } from './cpu-list.ts';
import type { CpuVendor, PageSize } from './description.ts';
import type { NodePages } from './hugepages.ts';

/** Arguments of the kernel command line, and why these. */
export interface KernelArguments {
  readonly hugepages: readonly string[];
  readonly iommu: readonly string[];
  readonly isolation: readonly string[];
  readonly because: readonly string[];
}

const IOMMU = {
  intel: { args: ['intel_iommu=on', 'iommu=pt'], because: 'intel_iommu=on: Intel IOMMUs are off by default on many kernels' },
  amd: { args: ['iommu=pt'], because: 'AMD IOMMUs are on by default, and amd_iommu= has no value "on"' },
} as const;

/** The kernel arguments of a node whose PMDs run on these CPUs. The order matters: hugepages= is for the hugepagesz= before it. */
export function toKernelArguments(
  { pageSize, cpuVendor }: { readonly pageSize: PageSize; readonly cpuVendor: CpuVendor },
  pages: readonly NodePages[],
  pmdCpus: readonly number[],
): KernelArguments {
  const size = pageSize.replace('i', '');
  const iommu = IOMMU[cpuVendor];
  const cpus = formatCpuList(pmdCpus);
  const isEven = new Set(pages.map(({ count }) => count)).size <= 1;
  const total = pages.reduce((sum, { count }) => sum + count, 0);
  const filled = pages.filter(({ count }) => count > 0);
  const value = isEven ? `${total}` : filled.map(({ node, count }) => `${node}:${count}`).join(',');
  return {
    hugepages: [`default_hugepagesz=${size}`, `hugepagesz=${size}`, `hugepages=${value}`],
    iommu: iommu.args,
    isolation: [`isolcpus=managed_irq,domain,${cpus}`, `nohz_full=${cpus}`, `rcu_nocbs=${cpus}`],
    because: [
      `default_hugepagesz=${size}: /proc/meminfo counts pages of the default size only`,
      isEven
        ? 'hugepages=: the total, which the kernel spreads evenly over the NUMA nodes'
        : 'hugepages=NODE:COUNT: the nodes need different numbers, and a total would be spread evenly (Linux 5.16 or newer)',
      iommu.because,
      'iommu=pt: devices of the host keep their speed, those on vfio-pci are still confined',
      `isolcpus, nohz_full and rcu_nocbs keep tasks, ticks and callbacks off the PMD CPUs ${cpus}; VM CPUs stay with the CPU manager, which needs them balanced`,
    ],
  };
}

/** All of them, in the order in which they are written. */
export function allKernelArguments({ hugepages, iommu, isolation }: KernelArguments): string[] {
  return [...hugepages, ...iommu, ...isolation];
}
