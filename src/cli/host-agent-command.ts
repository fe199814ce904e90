import { type Command, InvalidArgumentError, Option } from 'commander';
import { LOG_LEVELS } from '../telemetry/log-level.ts';
import type { HostAgentFlags } from './host-agent.ts';
import { withHostFlags } from './host-command.ts';
import type { CommandIo, ExitCode } from './io.ts';

/** Adds `host agent` to the command `host`. */
export function addHostAgent(host: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  withHostFlags(host.command('agent'))
    .description('judge this host again and again, and say in its Node whether VMs with a vhost-user NIC can run there')
    .requiredOption('--node <name>', 'the Node of this host', parseNode)
    .option('--kubeconfig <file>', 'which cluster, instead of the one that kubectl would use')
    .addOption(new Option('--in-cluster', 'the cluster of the pod this runs in, as its service account').conflicts('kubeconfig'))
    .addOption(new Option('--interval <time>', 'from one look to the next; 1s to 10m').default(60_000, '60s').argParser(parseInterval))
    .option('--once', 'look once, write what is not said yet, and end')
    .option('--config <file>', 'configuration: enforcement, exemptions; followed while it changes')
    .option('--health-listen <host:port>', 'probes and metrics, plain HTTP; none when absent')
    .addOption(new Option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default('info'))
    .action(async (flags: HostAgentFlags) => {
      // Loading the Kubernetes client takes half a second, which only this is worth.
      const { hostAgent } = await import('./host-agent.ts');
      done(await hostAgent(flags, io));
    });
}

/** A DNS subdomain, as Kubernetes has it: any other name would lead to another object than a Node. @throws InvalidArgumentError */
function parseNode(text: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('a name as `kubectl get nodes` shows it');
}

/** Readers of the Node stop believing an agent that is silent for a quarter of an hour. */
const LONGEST_MS = 10 * 60_000;

/** Milliseconds. @throws InvalidArgumentError */
function parseInterval(text: string): number {
  const [, count, unit] = /^(\d{1,4})([sm])$/.exec(text) ?? [];
  const ms = Number(count) * (unit === 'm' ? 60_000 : 1000);
  if (ms >= 1000 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('a time from 1s to 10m, such as 60s');
}
