import { AppError } from '../core/errors.ts';
import { ARTEFACTS, type ArtefactName } from '../host-plan/artefacts.ts';
import type { HostDescription, WrittenDescription, WrittenNic, WrittenNode } from '../host-plan/description.ts';
import { PLAN_FORMATS, type PlanFormat } from '../host-plan/formats.ts';
import type { ArtefactOptions } from '../host-plan/openshift.ts';
import { createPlan, type HostPlan } from '../host-plan/plan.ts';
import type { DescriptionProblem } from '../host-plan/problems.ts';
import { readDescription } from '../host-plan/read-description.ts';
import type { DescribedHost, HostFacts } from './described-host.ts';
import type { CommandIo, ExitCode } from './io.ts';
import type { Output } from './option-values.ts';
import { writeOutputs } from './outputs.ts';

/** The flags of `vhostguard host plan`. */
export interface HostPlanOptions extends ArtefactOptions {
  /** What the flags say of the host; goes before what file and host say. */
  readonly written: WrittenDescription;
  /** By NUMA node id. */
  readonly vmMemory: ReadonlyMap<number, string>;
  readonly vmPorts: ReadonlyMap<number, string>;
  readonly file?: string | undefined;
  /** Root directory of a host that describes itself. */
  readonly fromHost?: string | undefined;
  readonly outputs: readonly Output<PlanFormat>[];
  readonly artefacts: readonly Output<ArtefactName>[];
}

/**
 * `vhostguard host plan`: what a node needs for OVS-DPDK, with the derivation of each figure, as commands and as objects.
 * @throws AppError USAGE, CONFIG_INVALID, INPUT_UNREADABLE, OUTPUT_UNWRITABLE
 */
export async function hostPlan(options: HostPlanOptions, io: CommandIo): Promise<ExitCode> {
  const { outputs, artefacts } = options;
  if ([...outputs, ...artefacts].filter(({ file }) => file === undefined).length > 1) {
    throw new AppError('USAGE', 'only one of -o and --emit can go to stdout', {
      hint: 'give the others a file, as in --emit tmpfiles=FILE',
    });
  }
  const plan = planOf(await describe(options, io));
  const texts = [
    ...outputs.map(({ format, file }) => ({ text: PLAN_FORMATS[format](plan), file })),
    ...artefacts.map(({ format, file }) => ({ text: emit(format, plan, options), file })),
  ];
  writeOutputs(texts, io);
  return 0;
}

function planOf(description: HostDescription): HostPlan {
  const plan = createPlan(description);
  if ('problem' in plan) throw new AppError('USAGE', plan.problem);
  return plan.value;
}

function emit(name: ArtefactName, plan: HostPlan, options: ArtefactOptions): string {
  const text = ARTEFACTS[name](plan, options);
  if ('problem' in text) throw new AppError('USAGE', `cannot emit ${name}: ${text.problem}`);
  return text.value;
}

/** Puts together what flags, file and host say. ajv, which only a file needs, is loaded on demand; so are the readers of a host. */
async function describe(options: HostPlanOptions, io: CommandIo): Promise<HostDescription> {
  const read = options.file === undefined ? undefined : (await import('./host-description-file.ts')).readDescriptionFile(options.file);
  const captured = read !== undefined && 'captured' in read ? read.captured : undefined;
  const file = read !== undefined && 'written' in read ? read : undefined;
  const asked = options.written.nics ?? file?.written.nics ?? [];
  const host = await hostOf(options, captured, asked, io);
  const { written, unknown } = withVms({ ...host?.written, ...file?.written, ...options.written, ...nicsOf(host, asked) }, options);
  const description = readDescription(written);
  const problems = [...unknown, ...('problems' in description ? description.problems : []), ...pageProblems(written, host)];
  if (problems.length === 0 && 'description' in description) return description.description;
  if (file === undefined) throw new AppError('USAGE', problems.map(({ message }) => message).join('\n'));
  const { invalidDescription } = await import('./host-description-file.ts');
  throw invalidDescription(file.describe(problems));
}

/** What a host says of itself, now or when it was captured. */
async function hostOf(
  { fromHost, file }: HostPlanOptions,
  captured: HostFacts | undefined,
  asked: readonly WrittenNic[],
  io: CommandIo,
): Promise<DescribedHost | undefined> {
  if (captured === undefined && fromHost === undefined) return undefined;
  if (captured !== undefined && fromHost !== undefined) {
    throw new AppError('USAGE', `${file} is a snapshot of a host, and --from-host names another`, { hint: 'leave one of them out' });
  }
  const { describeHost, readHostFacts } = await import('./described-host.ts');
  const host = describeHost(captured ?? readHostFacts(fromHost ?? '/', asked), asked);
  if (host.otherNics.length > 0) {
    io.stderr.write(`vhostguard: left to the kernel: ${host.otherNics.join(', ')}; choose NICs for OVS with --nic pci=ADDRESS\n`);
  }
  return host;
}

function nicsOf(host: DescribedHost | undefined, asked: readonly WrittenNic[]): Pick<WrittenDescription, 'nics'> {
  return { nics: host?.written.nics ?? asked };
}

function withVms(
  written: WrittenDescription,
  { vmMemory, vmPorts }: Pick<HostPlanOptions, 'vmMemory' | 'vmPorts'>,
): { readonly written: WrittenDescription; readonly unknown: readonly DescriptionProblem[] } {
  const ids = (written.numa ?? []).map(({ id }, index) => id ?? index);
  const unknown = [...new Set([...vmMemory.keys(), ...vmPorts.keys()])].filter((id) => ids.length > 0 && !ids.includes(id));
  const numa = (written.numa ?? []).map((node, index) => withVmsOf(node, ids[index] ?? index, { vmMemory, vmPorts }));
  const known = ids.join(', ');
  return {
    written: written.numa === undefined ? written : { ...written, numa },
    unknown: unknown.map((id) => ({ path: ['numa'], message: `VMs: there is no NUMA node ${id}: the host has ${known}` })),
  };
}

function withVmsOf(node: WrittenNode, id: number, { vmMemory, vmPorts }: Pick<HostPlanOptions, 'vmMemory' | 'vmPorts'>): WrittenNode {
  const memory = vmMemory.get(id);
  const ports = vmPorts.get(id);
  return {
    ...node,
    ...(memory === undefined ? {} : { vmMemory: memory }),
    ...(ports === undefined ? {} : { vmPorts: Number(ports) }),
  };
}

function pageProblems({ pageSize }: WrittenDescription, host: DescribedHost | undefined): DescriptionProblem[] {
  if (host?.lacksGigabytePages !== true || pageSize !== '1Gi') return [];
  return [{ path: ['pageSize'], message: 'the CPUs of this host have no pages of 1 GiB (no flag pdpe1gb): the page size must be 2Mi' }];
}
