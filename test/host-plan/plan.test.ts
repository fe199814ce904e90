import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCpuMask } from '../../src/host-plan/cpu-list.ts';
import { PAGE_BYTES } from '../../src/host-plan/description.ts';
import { allKernelArguments } from '../../src/host-plan/kernel-arguments.ts';
import { toSocketMem } from '../../src/host-plan/memory.ts';
import { createPlan } from '../../src/host-plan/plan.ts';
import { arbitraryHosts, configured, described, HOW_TO_HOST, planned } from '../support/planned-host.ts';

describe("the plan of the how-to's host", () => {
  const plan = planned(HOW_TO_HOST);

  test("has the how-to's PMD CPUs, mask, memory and hugepages", () => {
    expect(plan.pmd).toMatchObject({ cpus: [2, 3, 26, 27], mask: 'c00000c' });
    expect(plan.memory.socketMem).toBe('1024,1024');
    expect(plan.pages.map(({ count }) => count)).toEqual([32, 32]);
  });

  test('has its kernel arguments, and those that it leaves out', () => {
    expect(allKernelArguments(plan.kernel)).toEqual([
      'default_hugepagesz=1G',
      'hugepagesz=1G',
      'hugepages=64',
      'intel_iommu=on',
      'iommu=pt',
      'isolcpus=managed_irq,domain,2-3,26-27',
      'nohz_full=2-3,26-27',
      'rcu_nocbs=2-3,26-27',
    ]);
  });

  test('says why TripleO gives another figure', () => {
    expect(toSocketMem(plan.memory.tripleo)).toBe('2048,1024');
    expect(plan.memory.differences.join('\n')).toContain('TripleO adds 512 MiB');
  });
});

describe('PMD CPUs', () => {
  test('are of no node without NICs and VMs', () => {
    const plan = planned({ ...HOW_TO_HOST, numa: (HOW_TO_HOST.numa ?? []).map(({ cpus }) => ({ cpus })) });
    expect(plan.pmd.cpus).toEqual([2, 26]);
    expect(plan.memory.socketMem).toBe('1024,0');
  });

  test('leave reserved cores alone', () => {
    expect(planned({ ...HOW_TO_HOST, reservedCpus: '0,24,2,26' }).pmd.cpus).toEqual([3, 4, 27, 28]);
  });

  test.for([
    [{ pmdCpus: '2,3' }, 'leave out the siblings 26-27: with whole cores they are 2-3,26-27, mask c00000c'],
    [{ pmdCpuMask: 'c' }, 'leave out the siblings 26-27'],
    [{ pmdCpus: '0,24,3,27' }, 'hold CPU 0'],
    [{ pmdCpus: '2,26' }, 'are all outside NUMA node 1, which has VMs: add a core of its CPUs 1,3,5'],
    [{ pmdCores: 12 }, 'NUMA node 0 has 11 whole cores for PMDs and 12 are wanted'],
    [{ pmdCpus: '2,26,3,27', reservedCpus: '2,26' }, 'CPUs 2,26 are both reserved for the host and PMD CPUs'],
    [{ nics: [], numa: [{ cpus: '0-47' }] }, 'there is nothing to poll'],
  ] as const)('of %j cannot be: %s', ([change, message]) => {
    expect(createPlan(described({ ...HOW_TO_HOST, ...change }))).toEqual({ problem: expect.stringContaining(message) });
  });
});

describe('memory', () => {
  test('counts a pool for each MTU class of a node, and no more', () => {
    const nics = [9000, 9100, 1500].map((mtu, index) => ({ pci: `0000:18:00.${index}`, numa: 0, mtu }));
    const { shared } = planned({ ...HOW_TO_HOST, nics, pageSize: '2Mi' }).memory;
    // 206 mbufs of 10176 bytes in a page: 1273 pages. 697 of 3008: 377.
    expect(shared.map(({ mib }) => mib)).toEqual([2 * 1273 + 2 * 377 + 64, 2 * 377 + 64]);
  });

  test('is smaller where each port has its own pool', () => {
    const { memory } = planned({ ...HOW_TO_HOST, pageSize: '2Mi', perPortMemory: true });
    // 28704 mbufs of the NIC (5 send queues for 4 PMDs plus one more) and 20512 of a VM port, 697 in a page.
    expect(memory.socketMem).toBe(`${2 * 42 + 2 * 30 + 64},${2 * 30 + 64}`);
  });

  test('of your choice that is too small is said to halve the pools', () => {
    const plan = planned({ ...HOW_TO_HOST, nics: [{ pci: '0000:06:00.0', numa: 0, mtu: 9000 }], socketMem: '1024,1024' });
    expect(plan.memory.socketMem).toBe('1024,1024');
    expect(plan.notes[0]).toBe(
      'dpdk-socket-mem gives NUMA node 0 1024 MiB and its pools need 4096: OVS halves the number of mbufs without a word',
    );
  });
});

describe('kernel arguments', () => {
  test('on AMD have no amd_iommu=on, which does not exist', () => {
    expect(planned({ ...HOW_TO_HOST, cpuVendor: 'amd' }).kernel.iommu).toEqual(['iommu=pt']);
  });

  test('name the pages of each node where they differ', () => {
    const plan = planned({
      ...HOW_TO_HOST,
      numa: (HOW_TO_HOST.numa ?? []).map((node, id) => ({ ...node, vmMemory: id === 0 ? '8Gi' : '16Gi' })),
    });
    expect(plan.kernel.hugepages.at(-1)).toBe('hugepages=0:9,1:17');
  });
});

describe('every plan', () => {
  test('polls on whole cores, on each node with NICs or VMs, and never on CPU 0', () => {
    fc.assert(
      fc.property(arbitraryHosts, (written) => {
        const { description, pmd } = planned(written);
        const polled = description.cores.filter((core) => core.some((cpu) => pmd.cpus.includes(cpu)));
        expect(polled.flat().sort((a, b) => a - b)).toEqual(pmd.cpus);
        expect(pmd.cpus).not.toContain(0);
        for (const { id, cpus, vmMemoryBytes } of description.numa) {
          const hasWork = vmMemoryBytes > 0 || description.nics.some(({ numa }) => numa === id);
          expect(cpus.some((cpu) => pmd.cpus.includes(cpu))).toBe(hasWork);
        }
      }),
    );
  });

  test('gives each CPU to the PMDs, the host or the VMs, and to one of them only', () => {
    fc.assert(
      fc.property(arbitraryHosts, (written) => {
        const { description, pmd, reserved, vmCpus } = planned(written);
        const all = description.numa.flatMap(({ cpus }) => cpus).sort((a, b) => a - b);
        expect([...pmd.cpus, ...reserved.cpus, ...vmCpus].sort((a, b) => a - b)).toEqual(all);
      }),
    );
  });

  test('has commands that read back as its figures', () => {
    fc.assert(
      fc.property(arbitraryHosts, (written) => {
        const plan = planned(written);
        const set = configured(plan);
        expect(parseCpuMask(set['pmd-cpu-mask'] ?? '')).toEqual({ value: plan.pmd.cpus });
        const { shared, perPort } = plan.memory;
        const chosen = plan.description.perPortMemory ? perPort : shared;
        expect(set['dpdk-socket-mem']?.split(',').map(Number)).toEqual(chosen.map(({ mib }) => mib));
        expect(set['dpdk-socket-limit']).toBe(set['dpdk-socket-mem']);
        expect(set['dpdk-init']).toBe('true');
      }),
    );
  });

  test('has pages for OVS and for the VMs on each node', () => {
    fc.assert(
      fc.property(arbitraryHosts, (written) => {
        const { description, pages, memory } = planned(written);
        const ovs = memory.socketMem.split(',').map(Number);
        const pageMib = PAGE_BYTES[description.pageSize] / 1024 ** 2;
        for (const [index, { count }] of pages.entries()) {
          expect(count * pageMib).toBe((ovs[index] ?? 0) + (description.numa[index]?.vmMemoryBytes ?? 0) / 1024 ** 2);
        }
      }),
    );
  });
});
