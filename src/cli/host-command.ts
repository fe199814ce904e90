import type { Command } from 'commander';
import type { HostFlags } from './host-snapshot.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { type ReportFlags, reportOptions, withReportFlags } from './report-flags.ts';

/** A subcommand of `host` with the flags that say which host is looked at, and how. */
function hostCommand(host: Command, name: string, description: string): Command {
  const command = host.command(name).description(description);
  return withHostFlags(command).option('--name <name>', "the host's name, such as that of its Kubernetes node");
}

/** Gives a command the flags that say where the host is, and how its OVS is asked. */
export function withHostFlags(command: Command): Command {
  return withPlaceFlags(command)
    .option('--no-handshake', 'do not ask ovs-vswitchd through OVSDB if it is alive, which is a write (next_cfg)')
    .option('--pci <address...>', 'also look at these devices, beside network controllers and those that OVS names')
    .option('--socket-dir <directory...>', 'also look at these directories, beside those of the ports');
}

/** Gives a command the flags that say where the host and its OVS are. */
export function withPlaceFlags(command: Command): Command {
  return command
    .option('--root <directory>', "where the host's root is, such as a mount in a container", '/')
    .option('--ovsdb <socket>', 'the socket of OVSDB; /run/openvswitch/db.sock under the root when absent')
    .option('--vswitchd <socket>', 'the control socket of ovs-vswitchd; found beside that of OVSDB when absent')
    .option('--timeout <seconds>', 'how long to wait for each of the two', '5');
}

/** Adds `host snapshot` to the command `host`. */
export function addHostSnapshot(host: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  hostCommand(host, 'snapshot', 'write all that is known of a host and its OVS, as an object that check judges anywhere')
    .option('-o, --output <file>', 'where to, instead of standard output')
    .action(async (flags: HostFlags & { readonly output?: string }) => {
      const { hostSnapshot } = await import('./host-snapshot.ts');
      done(await hostSnapshot(flags, io));
    });
}

/** Adds `host check` to the command `host`. */
export function addHostCheck(host: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  withReportFlags(hostCommand(host, 'check', 'judge this host and its OVS: what keeps VMs from passing packets'))
    .option('--config <file>', 'configuration: enforcement, exemptions')
    .action(async ({ config, ...flags }: HostFlags & ReportFlags & { readonly config?: string }) => {
      const { hostCheck } = await import('./host-check.ts');
      done(await hostCheck({ ...reportOptions(flags, io), failIfEmpty: false, host: flags, config }, io));
    });
}
