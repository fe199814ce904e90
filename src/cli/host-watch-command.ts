import { type Command, InvalidArgumentError, Option } from 'commander';
import { withPlaceFlags } from './host-command.ts';
import type { CommandIo, ExitCode } from './io.ts';

interface WatchFlags {
  readonly root: string;
  readonly name?: string;
  readonly ovsdb?: string;
  readonly vswitchd?: string;
  readonly timeout: string;
  readonly config?: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly count?: number;
  readonly ports?: string;
  readonly problems?: true;
  readonly output: 'text' | 'json';
  readonly color: boolean;
}

/** Adds `host watch` to the command `host`. */
export function addHostWatch(host: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  const command = host.command('watch').description('show the ports of this host as they are now: VM, socket, rates, PMD load, findings');
  withPlaceFlags(command)
    .option('--name <name>', "the host's name, such as that of its Kubernetes node")
    .option('--config <file>', 'configuration: enforcement, exemptions')
    .addOption(new Option('--interval <seconds>', 'between two samples').argParser(parseInterval).default(DEFAULT_MS, '1'))
    .option('--count <number>', 'stop after so many samples', parseCount)
    .option('--ports <glob>', 'only ports of these names, such as v*')
    .option('--problems', 'only ports with findings')
    .addOption(new Option('-o, --output <format>', 'json is one line for each sample').choices(['text', 'json']).default('text'))
    .option('--no-color', 'never colour the text')
    .action(async ({ output, ports, problems, timeout, ...flags }: WatchFlags) => {
      const [{ readableRoot, timeoutOf }, { hostWatch }] = await Promise.all([import('./host-snapshot.ts'), import('./host-watch.ts')]);
      const timeoutMs = timeoutOf(timeout);
      const isColored = flags.color && (io.env['NO_COLOR'] ?? '') === '';
      const place = {
        root: readableRoot(flags.root),
        ovsdb: flags.ovsdb?.replace(/^unix:/, ''),
        control: flags.vswitchd?.replace(/^unix:/, ''),
        timeoutMs,
      };
      const selection = { names: ports, onlyProblems: problems === true };
      done(await hostWatch({ ...flags, ...place, intervalMs: flags.interval, selection, format: output, isColored }, io));
    });
}

const DEFAULT_MS = 1000;

/** Below this, the samples themselves are what there is to see. */
const SHORTEST_MS = 200;

const LONGEST_MS = 3_600_000;

function parseInterval(seconds: string): number {
  const value = Number(seconds) * 1000;
  if (seconds.trim() !== '' && value >= SHORTEST_MS && value <= LONGEST_MS) return value;
  throw new InvalidArgumentError(`seconds are needed, at least ${SHORTEST_MS / 1000} and at most ${LONGEST_MS / 1000}`);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('a whole number is needed, at least 1');
}
