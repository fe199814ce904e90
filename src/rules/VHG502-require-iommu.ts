import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';

export const requireIommu = defineRule({
  meta: {
    id: 'VHG502',
    name: 'require-iommu',
    title: 'Require a working IOMMU in pass-through mode for the NICs of OVS',
    why: `vfio-pci binds a NIC only behind a working IOMMU. \`/proc/cmdline\` does not tell: some kernels turn it on without an argument, and
without VT-d in the firmware \`intel_iommu=on\` does nothing. A unit in \`/sys/class/iommu\` does. In a group of a type other than
\`identity\` each buffer is translated, which costs throughput.`,
    remedy: `Turn on VT-d or AMD-Vi in the firmware, then \`grubby --update-kernel=ALL --args="intel_iommu=on iommu=pt"\` (on AMD \`iommu=pt\`
alone; there is no \`amd_iommu=on\`) and reboot.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://doc.dpdk.org/guides/linux_gsg/linux_drivers.html',
      'https://docs.openvswitch.org/en/latest/intro/install/dpdk/',
      'https://www.kernel.org/doc/html/latest/admin-guide/kernel-parameters.html',
    ],
    falsePositives: 'NICs with a bifurcated driver, such as mlx5, work without an IOMMU.',
    example: {
      file: 'host-snapshot.yaml',
      good: '    units: [dmar0, dmar1]\n',
      bad: '    units: []\n',
    },
  },
  *check({ iommu, pciDevices }) {
    if (isUnread(pciDevices)) return yield pciDevices;
    const addresses = pciDevices.value.filter(({ isForDpdk, isPresent }) => isForDpdk && isPresent).map(({ address }) => address);
    if (addresses.length === 0) return;
    if (isUnread(iommu)) return yield iommu;
    const { units, unitsField, groups } = iommu.value;
    if (units.length === 0)
      return yield { path: unitsField.path, message: `no IOMMU works, and ${addresses.join(', ')} needs one for vfio-pci: turn it on` };
    for (const { type, typeField, devices } of groups) {
      const here = devices.filter((address) => addresses.includes(address));
      if (here.length === 0 || isUnread(type) || type.value === 'identity') continue;
      const message = `the IOMMU translates for ${here.join(', ')} (group type ${type.value}): add iommu=pt to the kernel's arguments`;
      yield { path: typeField.path, severity: 'warning', message };
    }
  },
});
