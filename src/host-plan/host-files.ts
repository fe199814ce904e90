import type { HostPlan } from './plan.ts';

/** A file that a node gets, with its text. */
export interface HostFile {
  readonly path: string;
  readonly text: string;
}

/** The files that a planned node keeps in /etc, so that directory, group and devices are right after each boot. */
export function hostFiles(plan: HostPlan): HostFile[] {
  return [
    { path: '/etc/tmpfiles.d/vhostguard-ovs-dpdk.conf', text: formatTmpfiles(plan) },
    { path: '/etc/udev/rules.d/91-vhostguard-vfio.rules', text: formatUdev(plan) },
    { path: '/etc/modules-load.d/vhostguard-vfio.conf', text: 'vfio-pci\n' },
  ];
}

/** What systemd-tmpfiles(8) does at each boot: the socket directory with its group, and OVS's access to hugepages. */
export function formatTmpfiles({ description }: HostPlan): string {
  const { group, socketDirectory } = description;
  // systemd-tmpfiles warns of every line below /var/run, which has been a link to /run since 2011.
  const directory = socketDirectory.replace(/^\/var\/run\//, '/run/');
  return [
    '# systemd-tmpfiles: the vhost-user sockets of VMs, and hugepages for an OVS that is not root.',
    `d ${directory} 2775 root ${group.name} -`,
    `f ${directory}/touched 0644 root ${group.name} -`,
    `z /dev/hugepages 0775 root ${group.name} -`,
    '',
  ].join('\n');
}

/** What udev does with each IOMMU group that vfio-pci gets: OVS may open it without being root. */
export function formatUdev({ description }: HostPlan): string {
  return `# udev: the devices of vfio-pci for an OVS that is not root.\nSUBSYSTEM=="vfio*", GROUP="${description.group.name}", MODE="0660"\n`;
}
