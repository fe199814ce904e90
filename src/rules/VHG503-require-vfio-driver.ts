import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { obstacleOf } from './dpdk-device.ts';

export const requireVfioDriver = defineRule({
  meta: {
    id: 'VHG503',
    name: 'require-vfio-driver',
    title: 'Require vfio-pci on the NICs that OVS polls',
    why: `DPDK cannot open a NIC that the kernel's driver holds, and the port of OVS then does not come up. \`driver_override\` is no proof:
without an IOMMU it is written and the device stays without a driver. The \`driver\` link in \`/sys/bus/pci/devices\` tells. A binding made
with \`dpdk-devbind\` is gone after a reboot, one made with \`driverctl\` is not.`,
    remedy: 'Run `driverctl set-override 0000:18:00.0 vfio-pci` with the address that the message names.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/phy/',
      'https://doc.dpdk.org/guides/linux_gsg/linux_drivers.html',
      'https://gitlab.com/driverctl/driverctl',
    ],
    falsePositives: 'A bifurcated driver that this rule does not know is taken for one that keeps DPDK out.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      driver: vfio-pci\n',
      bad: '      driver: i40e\n',
    },
  },
  *check({ pciDevices }) {
    if (isUnread(pciDevices)) return yield pciDevices;
    for (const device of pciDevices.value) {
      const obstacle = device.isForDpdk ? obstacleOf(device) : undefined;
      if (obstacle !== undefined) yield { path: device.field.get('driver').path, message: obstacle };
    }
  },
});
