import { PAGE_BYTES } from './description.ts';
import { allKernelArguments } from './kernel-arguments.ts';
import type { HostPlan } from './plan.ts';

/** One step of the how-to: what it is for, and its commands. */
export interface Step {
  readonly title: string;
  readonly commands: readonly string[];
}

/** A text as one word of a POSIX shell, quoted where it must be. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The steps of a plan in the how-to's order. Each can be run again: it leaves what is right as it is. */
export function stepsOf(plan: HostPlan): Step[] {
  return [
    kernelStep(plan),
    hugepagesStep(plan),
    openvswitchStep(plan),
    driverStep(plan),
    bridgeStep(plan),
    directoryStep(plan),
    labelStep(plan),
  ].filter(({ commands }) => commands.length > 0);
}

/** The steps as a script for `sh`. It stops at the first command that fails. */
export function formatShell(plan: HostPlan): string {
  const sections = stepsOf(plan).map(({ title, commands }) => `# ${title}\n${commands.join('\n')}\n`);
  return `#!/bin/sh\nset -eu\n\n${sections.join('\n')}`;
}

function kernelStep({ kernel }: HostPlan): Step {
  const args = allKernelArguments(kernel).join(' ');
  return {
    title: 'IOMMU, hugepages and CPU isolation: kernel arguments, in force after a reboot',
    commands: [
      `kernel_arguments=${shellWord(args)}`,
      'if command -v grubby >/dev/null; then',
      '  grubby --update-kernel=ALL --args="$kernel_arguments"',
      'else',
      '  echo "add to the kernel command line: $kernel_arguments" >&2',
      'fi',
    ],
  };
}

function hugepagesStep({ pages, description }: HostPlan): Step {
  const sizeKiB = PAGE_BYTES[description.pageSize] / 1024;
  const wanted = pages.filter(({ count }) => count > 0).map(({ node, count }) => `${node}:${count}`);
  return {
    title: 'Hugepages: without them dpdk-init=true, below, ends ovs-vswitchd',
    commands: [
      `for pages in ${wanted.join(' ')}; do node=\${pages%:*} wanted=\${pages#*:}`,
      `  there=$(cat /sys/devices/system/node/node$node/hugepages/hugepages-${sizeKiB}kB/nr_hugepages 2>/dev/null || echo 0)`,
      '  if [ "$there" -lt "$wanted" ]; then',
      `    echo "NUMA node $node has $there of $wanted hugepages of ${description.pageSize}: reboot, then run this again" >&2`,
      '    exit 1',
      '  fi',
      'done',
    ],
  };
}

function openvswitchStep({ pmd, memory, description }: HostPlan): Step {
  const settings = [
    `pmd-cpu-mask=${pmd.mask}`,
    `dpdk-socket-mem=${memory.socketMem}`,
    `dpdk-socket-limit=${memory.socketMem}`,
    `per-port-memory=${description.perPortMemory}`,
    'dpdk-init=true',
  ];
  return {
    title: 'PMD CPUs, memory and DPDK; ovs-vswitchd needs a restart if DPDK ran with other memory before',
    commands: settings.map((setting) => `ovs-vsctl --no-wait set Open_vSwitch . ${shellWord(`other_config:${setting}`)}`),
  };
}

function driverStep({ description }: HostPlan): Step {
  const bound = description.nics.filter(({ isBifurcated }) => !isBifurcated);
  return {
    title: 'NICs to vfio-pci, also after a reboot; whatever uses them in the kernel loses them',
    commands:
      bound.length === 0 ? [] : ['modprobe vfio-pci', ...bound.map(({ pci }) => `driverctl set-override ${shellWord(pci)} vfio-pci`)],
  };
}

function bridgeStep({ description }: HostPlan): Step {
  const { nics } = description;
  const bridge = shellWord(description.bridge);
  return {
    title: 'Bridge and ports; ovs-vsctl succeeds even where the port cannot be opened: look at the column "error" of Interface',
    commands: [
      `ovs-vsctl --timeout=30 --may-exist add-br ${bridge} -- set Bridge ${bridge} datapath_type=netdev`,
      ...nics.map(({ port, pci, mtu, queues }) => {
        const name = shellWord(port);
        const options = `options:dpdk-devargs=${shellWord(pci)} options:n_rxq=${queues} mtu_request=${mtu}`;
        return `ovs-vsctl --timeout=30 --may-exist add-port ${bridge} ${name} -- set Interface ${name} type=dpdk ${options}`;
      }),
    ],
  };
}

/** Where nothing outlives a reboot. */
const ON_TMPFS = /^\/(?:var\/run|run|tmp|dev\/shm)\//;

function directoryStep({ description }: HostPlan): Step {
  const { group, socketDirectory } = description;
  const directory = shellWord(socketDirectory);
  const name = shellWord(group.name);
  const forgotten = ON_TMPFS.test(socketDirectory)
    ? '; the directory is gone after a reboot, unless what --emit tmpfiles prints is in /etc/tmpfiles.d'
    : '';
  return {
    title: `Group and directory of the sockets${forgotten}`,
    commands: [
      `getent group ${name} >/dev/null || groupadd --gid ${group.gid} ${name}`,
      `if [ "$(getent group ${name} | cut -d: -f3)" != ${group.gid} ]; then`,
      `  echo ${shellWord(`the group ${group.name} must have the gid ${group.gid}, which VMs get`)} >&2`,
      '  exit 1',
      'fi',
      `if getent passwd openvswitch >/dev/null && ! id -Gn openvswitch | tr ' ' '\\n' | grep -qxF ${name}; then`,
      `  usermod --append --groups ${name} openvswitch`,
      `  echo ${shellWord(`OVS runs as openvswitch, which has the group ${group.name} from its next start on: restart it`)} >&2`,
      'fi',
      `install -d -m 2775 -o root -g ${name} ${directory}`,
      `touch ${directory}/touched`,
    ],
  };
}

function labelStep({ description, label }: HostPlan): Step {
  const node = description.node === undefined ? `"\${NODE:-$(uname -n)}"` : shellWord(description.node);
  return { title: 'Label of the node', commands: [`kubectl label node ${node} ${shellWord(`${label.key}=${label.value}`)} --overwrite`] };
}
