import { type Command, Option } from 'commander';
import { LOG_LEVELS } from '../telemetry/log-level.ts';
import type { ControllerFlags } from './controller-flags.ts';
import type { CommandIo, ExitCode } from './io.ts';

const DEFAULTS = { certsDir: 'certs', healthListen: '127.0.0.1:9081', logLevel: 'info' } as const;

/** Adds `vhostguard controller`. */
export function addController(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('controller')
    .description('keep certificates and webhook configurations of a cluster right, and report what its objects lack')
    .option('--kubeconfig <file>', 'which cluster, instead of the one that kubectl would use')
    .option('--in-cluster', 'the cluster of the pod this runs in, as its service account')
    .option('--webhook-url <url>', 'where `vhostguard serve` runs outside of the cluster, as the API server reaches it')
    .option('--certs-dir <directory>', 'with --webhook-url: certificates, shared with `vhostguard serve`', DEFAULTS.certsDir)
    .option('--namespace <name>', 'the namespace of the product, which is never judged')
    .option('--service <name>', 'the Service of the webhooks in that namespace; certificates are in a Secret there')
    .option('--owner-cluster-role <name>', 'the ClusterRole whose deletion removes the webhook configurations')
    .option('--inject-ca-from <namespace/name>', 'the Certificate of cert-manager, when that keeps certificates and caBundle')
    .option('--config <file>', 'configuration; followed while it changes')
    .option('--health-listen <host:port>', 'probes and metrics, plain HTTP', DEFAULTS.healthListen)
    .addOption(new Option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default(DEFAULTS.logLevel))
    .action(async (flags: ControllerFlags) => {
      // Loading the Kubernetes client takes half a second, which only this is worth.
      const { controller } = await import('./controller.ts');
      await controller(flags, io);
      done(0);
    });
}
