import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { DrawingFormat } from '../graph/drawings.ts';
import { LOG_LEVELS, type LogLevel } from '../telemetry/log-level.ts';
import { addCompletion } from './completion-command.ts';
import { addController } from './controller-command.ts';
import { addDoctor } from './doctor-command.ts';
import { type FileFlags, fileCommand, fileOptions } from './file-command.ts';
import { DRAWING_FORMATS } from './format-names.ts';
import { addHostAgent } from './host-agent-command.ts';
import { addHostCheck, addHostSnapshot } from './host-command.ts';
import { addHostPlan } from './host-plan-command.ts';
import { addHostWatch } from './host-watch-command.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { appendHost, type Output, outputsOf } from './option-values.ts';
import { type ReportFlags, reportOptions, withReportFlags } from './report-flags.ts';
import { SERVE_DEFAULTS } from './serve-flags.ts';
import type { SnapshotOptions } from './snapshot.ts';
import { addTest } from './suite-command.ts';
import { VERSION } from './version.ts';

/** The inventory of a server that was told of none: the manifests that the documentation uses. */
const EXAMPLES = fileURLToPath(new URL('../../deploy/examples', import.meta.url));

type Done = (code: ExitCode) => void;

/**
 * The command line. What only one command needs is loaded by that one: a check in CI is mostly the start of the program.
 * `done` gets the exit code of the command that ran.
 */
export function createProgram(io: CommandIo, done: Done): Command {
  const program = new Command(io.programName ?? 'vhostguard')
    .description('Checks and repairs what KubeVirt VMs on OVS-DPDK need: VM, network, virt-launcher pod and node.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError(`(see ${io.programName ?? 'vhostguard'} --help)`)
    .showSuggestionAfterError()
    .addHelpText('after', '\nExit codes: 0 nothing found, 1 findings, 2 usage or configuration, 3 could not finish.');
  addCheck(program, io, done);
  addMutate(program, io, done);
  addFix(program, io, done);
  addGraph(program, io, done);
  addSnapshot(program, io, done);
  addTest(program, io, done);
  addHost(program, io, done);
  addCatalogue(program, io, done);
  addServe(program, io, done);
  addController(program, io, done);
  addDoctor(program, io, done);
  addCompletion(program, io, done);
  return program;
}

interface CheckFlags extends FileFlags, ReportFlags {
  readonly repair: boolean;
  readonly failIfEmpty?: true;
}

function addCheck(program: Command, io: CommandIo, done: Done): void {
  withReportFlags(fileCommand(program, 'check', 'give the verdict that admission would give, from files alone'))
    .option('--no-repair', 'judge the text as it stands, not what admission would make of it')
    .option('--fail-if-empty', 'exit 1 when nothing has a vhost-user NIC')
    .action(async (paths: string[], flags: CheckFlags) => {
      const { check } = await import('./check.ts');
      const report = { ...reportOptions(flags, io), failIfEmpty: flags.failIfEmpty === true };
      done(await check({ ...fileOptions(paths, flags), ...report, repairs: flags.repair }, io));
    });
}

function addMutate(program: Command, io: CommandIo, done: Done): void {
  fileCommand(program, 'mutate', 'print the objects as admission would leave them')
    .addOption(
      new Option('-o, --output <format>', 'yaml keeps comments; patch is RFC 6902').choices(['yaml', 'json', 'patch']).default('yaml'),
    )
    .action(async (paths: string[], flags: FileFlags & { readonly output: 'yaml' | 'json' | 'patch' }) => {
      const { mutate } = await import('./mutate.ts');
      done(await mutate({ ...fileOptions(paths, flags), format: flags.output }, io));
    });
}

function addFix(program: Command, io: CommandIo, done: Done): void {
  fileCommand(program, 'fix', 'write the safe fixes into the files, comments and order kept')
    .option('--unsafe', 'also those fixes that need a look before they are used')
    .option('--dry-run', 'print a unified diff, write nothing, exit 1 if there is one')
    .action(async (paths: string[], flags: FileFlags & { readonly unsafe?: true; readonly dryRun?: true }) => {
      const { fix } = await import('./fix.ts');
      done(
        await fix(
          {
            ...fileOptions(paths, flags),
            unsafe: flags.unsafe === true,
            dryRun: flags.dryRun === true,
          },
          io,
        ),
      );
    });
}

function addGraph(program: Command, io: CommandIo, done: Done): void {
  fileCommand(program, 'graph', 'draw each vhost-user NIC, its network, bridge and node label, with the findings where they are')
    .option('-o, --output <format[=file]>', 'svg, html or mermaid; to stdout, or to a file (repeatable)', outputsOf(DRAWING_FORMATS))
    .action(async (paths: string[], { output, ...flags }: FileFlags & { readonly output?: Output<DrawingFormat>[] }) => {
      const { graph } = await import('./graph.ts');
      done(await graph({ ...fileOptions(paths, flags), outputs: output ?? [{ format: 'svg' }] }, io));
    });
}

function addSnapshot(program: Command, io: CommandIo, done: Done): void {
  program
    .command('snapshot')
    .description('write what rules look up of a cluster, without secrets, for --snapshot')
    .option('--kubeconfig <file>', 'which cluster, instead of the one that kubectl would use')
    .option('-o, --output <file>', 'where to, instead of standard output')
    .action(async (flags: SnapshotOptions) => {
      const { snapshot } = await import('./snapshot.ts');
      done(await snapshot(flags, io));
    });
}

function addHost(program: Command, io: CommandIo, done: Done): void {
  const host = program.command('host').description('the node: what OVS-DPDK needs of it');
  addHostPlan(host, io, done);
  addHostSnapshot(host, io, done);
  addHostCheck(host, io, done);
  addHostWatch(host, io, done);
  addHostAgent(host, io, done);
}

function addCatalogue(program: Command, io: CommandIo, done: Done): void {
  program
    .command('explain')
    .description('what a rule asks for, why, and how to satisfy it')
    .argument('<rule>', 'id or name, such as VHG101 or require-hugepages')
    .action(async (rule: string) => {
      const { explain } = await import('./explain.ts');
      done(explain({ rule }, io));
    });
  program
    .command('rules')
    .description('list all rules')
    .addOption(new Option('-o, --output <format>', 'how').choices(['text', 'json', 'markdown']).default('text'))
    .action(async (flags: { readonly output: 'text' | 'json' | 'markdown' }) => {
      const { rules } = await import('./rules.ts');
      done(rules(flags, io));
    });
}

interface ServeFlags {
  readonly listen: string;
  readonly healthListen: string;
  readonly certsDir: string;
  readonly host: string[];
  readonly inventory: string[];
  readonly kubeconfig?: string;
  readonly inCluster?: true;
  readonly config?: string;
  readonly drain: string;
  readonly logLevel: LogLevel;
}

function addServe(program: Command, io: CommandIo, done: Done): void {
  program
    .command('serve')
    .description('serve the admission webhooks')
    .option('--listen <host:port>', 'webhooks, HTTPS', SERVE_DEFAULTS.listen)
    .option('--health-listen <host:port>', 'probes and metrics, plain HTTP', SERVE_DEFAULTS.healthListen)
    .option('--certs-dir <directory>', 'tls.crt, tls.key and ca.crt; made there when missing', SERVE_DEFAULTS.certsDir)
    .option('--host <name...>', 'more host names for a certificate that is made', appendHost, [])
    .option('--inventory <path...>', 'manifests of NADs and of what else rules look up', [EXAMPLES])
    .addOption(new Option('--kubeconfig <file>', 'look up in this cluster instead, as it changes').conflicts(['inventory', 'inCluster']))
    .addOption(new Option('--in-cluster', 'look up in the cluster of this pod, as its service account').conflicts('inventory'))
    .option('--config <file>', 'configuration; followed while it changes')
    .option('--drain <seconds>', 'how long to serve on after SIGTERM', SERVE_DEFAULTS.drain)
    .addOption(new Option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default(SERVE_DEFAULTS.logLevel))
    .action(async ({ host, inventory, kubeconfig, inCluster, config, ...flags }: ServeFlags) => {
      const [{ serve }, { createServeEngine }] = await Promise.all([import('./serve.ts'), import('./serve-engine.ts')]);
      const served = await createServeEngine({ inventory, kubeconfig, inCluster, config }, io);
      await serve({ ...flags, hosts: host }, io, { ...served, version: VERSION }).finally(served.stop);
      done(0);
    });
  program
    .command('certs')
    .description('make development certificates')
    .option('--certs-dir <directory>', 'where to', SERVE_DEFAULTS.certsDir)
    .option('--host <name...>', 'host names and addresses besides localhost', appendHost, [])
    .action(async ({ certsDir, host }: { readonly certsDir: string; readonly host: string[] }) => {
      const { certs } = await import('./certs.ts');
      await certs({ certsDir, hosts: host }, io.stdout);
      done(0);
    });
}
