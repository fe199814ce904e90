import { type Command, Option } from 'commander';
import type { ArtefactName } from '../host-plan/artefacts.ts';
import type { WrittenDescription } from '../host-plan/description.ts';
import type { PlanFormat } from '../host-plan/formats.ts';
import { ARTEFACTS, PLAN_FORMATS } from './format-names.ts';
import { addNic, parseByNode, parseCountsByNode, parseWhole } from './host-description-flags.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { type Output, outputsOf } from './option-values.ts';

/** Flags that are keys of the description, as they are; and the others. */
interface HostPlanFlags extends Omit<WrittenDescription, 'numa' | 'nics' | 'siblings'> {
  readonly numa?: string;
  readonly siblings?: string;
  readonly nic?: WrittenDescription['nics'];
  readonly vmMemory?: ReadonlyMap<number, string>;
  readonly vmPorts?: ReadonlyMap<number, string>;
  readonly filename?: string;
  readonly fromHost?: string | true;
  readonly output?: Output<PlanFormat>[];
  readonly emit?: Output<ArtefactName>[];
  readonly pool: string;
  readonly ovsDpdkCpus?: true;
}

/** Adds `host plan` to the command `host`. */
export function addHostPlan(host: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  const command = host.command('plan').description('compute what a node needs for OVS-DPDK, with the derivation of each figure');
  addDescriptionFlags(command);
  addChoiceFlags(command);
  command
    .option(
      '-o, --output <format[=file]>',
      `${Object.keys(PLAN_FORMATS).join(', ')}; to stdout, or to a file (repeatable)`,
      outputsOf(PLAN_FORMATS),
    )
    .option(
      '--emit <artefact[=file]>',
      `${Object.keys(ARTEFACTS).join(', ')}; to stdout instead of the plan, or to a file (repeatable)`,
      outputsOf(ARTEFACTS),
    )
    .option('--pool <name>', 'MachineConfigPool of the node, for what is emitted for OpenShift', 'worker')
    .option('--ovs-dpdk-cpus', 'PerformanceProfile: say spec.cpu.ovsDpdk, which the operator knows since July 2026')
    .action(async (flags: HostPlanFlags) => {
      const { hostPlan } = await import('./host-plan.ts');
      done(await hostPlan(toOptions(flags), io));
    });
}

function addDescriptionFlags(command: Command): void {
  command
    .option('-f, --filename <file>', 'description of the host, or what host snapshot wrote, YAML or JSON; flags go before it')
    .option('--from-host [directory]', 'let a host describe itself: its root directory, / when none is given')
    .option('--numa <lists>', 'CPUs of each NUMA node, as in "0-23,48-71;24-47,72-95"')
    .option('--siblings <cores>', 'CPUs that share a core: "+48" (n and n+48), "0,48;1,49;..." or none')
    .option('--nic <keys>', 'a NIC for OVS, as in pci=0000:18:00.0,numa=0,mtu=9000,queues=2 (repeatable)', addNic)
    .option('--vm-memory <node=size>', 'memory of the VMs on each NUMA node, as in 0=16Gi,1=32Gi', parseByNode)
    .option('--vm-ports <node=count>', 'vhost-user ports of the VMs on each NUMA node; 1 where there is memory', parseCountsByNode)
    .option('--vm-mtu <bytes>', 'MTU of those ports (1500)', parseWhole)
    .option('--vm-queues <count>', 'queue pairs of those ports (1)', parseWhole)
    .option('--page-size <size>', '1Gi or 2Mi; 1Gi where the CPUs have it')
    .addOption(new Option('--cpu-vendor <vendor>', 'the kernel arguments differ').choices(['intel', 'amd']))
    .option('--node <name>', 'name of the Kubernetes node');
}

function addChoiceFlags(command: Command): void {
  command
    .option('--pmd-cores <count>', 'physical cores that poll on each NUMA node with work (1)', parseWhole)
    .option('--pmd-cpus <list>', 'PMD CPUs of your choice, as in 2-3,26-27')
    .option('--pmd-cpu-mask <mask>', 'the same as a mask, as in c00000c')
    .option('--reserved-cpus <list>', 'CPUs for the host instead of the first core of each NUMA node')
    .option('--socket-mem <list>', 'dpdk-socket-mem of your choice in MiB, as in 1024,1024')
    .option('--per-port-memory', 'a pool of mbufs for each port instead of shared ones')
    .option('--bridge <name>', 'the bridge of NICs and VMs (br-dpdk0)')
    .option('--socket-directory <path>', 'where vhost-user sockets lie (/var/run/usrspcni)')
    .option('--group <name:gid>', 'group of the sockets (hugetlbfs:801)');
}

function toOptions({ numa, nic, vmMemory, vmPorts, filename, fromHost, output, emit, pool, ovsDpdkCpus, ...rest }: HostPlanFlags) {
  return {
    written: {
      ...rest,
      ...(numa === undefined ? {} : { numa: numa.split(';').map((cpus) => ({ cpus })) }),
      ...(nic === undefined ? {} : { nics: nic }),
    },
    vmMemory: vmMemory ?? new Map<number, string>(),
    vmPorts: vmPorts ?? new Map<number, string>(),
    file: filename,
    fromHost: fromHost === true ? '/' : fromHost,
    outputs: output ?? (emit === undefined ? [{ format: 'text' as const }] : []),
    artefacts: emit ?? [],
    pool,
    ovsDpdkCpus: ovsDpdkCpus === true,
  };
}
