import { type Command, Option } from 'commander';
import type { DoctorFlags } from './doctor.ts';
import type { CommandIo, ExitCode } from './io.ts';

/** Adds `vhostguard doctor`. */
export function addDoctor(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('look if what is installed in a cluster works: webhooks, certificates, replicas; it writes nothing')
    .option('--kubeconfig <file>', 'which cluster, instead of the one that kubectl would use')
    .option('--namespace <name>', 'the namespace of the product, when its webhook configurations do not tell')
    .option('--webhook-url <url>', 'where `vhostguard serve` must be registered outside of the cluster')
    .option('--canary-namespace <name>', 'where objects are tried with a dry run', 'default')
    .option('--config <file>', 'the configuration that the webhooks have, when it is not in the ConfigMap of the product')
    .addOption(new Option('-o, --output <format>', 'how').choices(['text', 'json']).default('text'))
    .option('--no-color', 'never colour the text')
    .action(async (flags: DoctorFlags) => {
      // Loading the Kubernetes client takes half a second, which only this is worth.
      const { doctor } = await import('./doctor.ts');
      done(await doctor(flags, io));
    });
}
