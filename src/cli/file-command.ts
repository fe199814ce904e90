import { type Command, Option } from 'commander';
import { AppError } from '../core/errors.ts';
import type { EngineOptions } from './file-engine.ts';
import { appendValue, parseAge, parseDay } from './option-values.ts';

/** The flags that every command over files has. */
export interface FileFlags {
  readonly recursive?: true;
  readonly kustomize?: string[];
  readonly namespace: string;
  readonly config?: string;
  readonly snapshot?: string;
  readonly maxSnapshotAge: number;
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly asOf?: string;
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** A command over files; its own options come after the ones that all of them share. */
export function fileCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('[path...]', 'files, directories, quoted globs, or - for standard input')
    .option('-R, --recursive', 'look into directories below the ones given')
    .option('-k, --kustomize <directory>', 'what `kubectl kustomize` or `kustomize build` makes of it (repeatable)', appendValue)
    .option('-n, --namespace <name>', 'where kubectl would put objects without a namespace', 'default')
    .option('--config <file>', 'configuration: enforcement, placement, exemptions')
    .option('--snapshot <file>', 'what `vhostguard snapshot` wrote of a cluster: what is in neither does not exist')
    .addOption(
      new Option('--max-snapshot-age <age>', 'warn of an older snapshot; 30m, 12h, 7d, 2w').default(WEEK_MS, '7d').argParser(parseAge),
    )
    .addOption(new Option('--cluster', 'read from the cluster what rules look up: what is in neither does not exist').conflicts('snapshot'))
    .option('--kubeconfig <file>', 'with --cluster: which cluster, instead of the one that kubectl would use')
    .option('--as-of <day>', 'judge exemptions as on this day, YYYY-MM-DD', parseDay);
}

/** @throws AppError USAGE without anything to read, and for a kubeconfig that nothing would read */
export function fileOptions(paths: string[], flags: FileFlags): EngineOptions {
  const { recursive, kustomize = [], cluster, kubeconfig, maxSnapshotAge, ...rest } = flags;
  if (paths.length + kustomize.length === 0) {
    throw new AppError('USAGE', "missing required argument 'path'", {
      hint: 'name files or directories, - for standard input, or a directory to kustomize with -k',
    });
  }
  if (kubeconfig !== undefined && cluster === undefined) {
    throw new AppError('USAGE', '--kubeconfig is given without --cluster, and only --cluster reads from a cluster', {
      hint: 'add --cluster, or leave --kubeconfig out',
    });
  }
  return {
    paths,
    kustomizations: kustomize,
    isRecursive: recursive === true,
    cluster: cluster && { kubeconfig },
    maxSnapshotAgeMs: maxSnapshotAge,
    ...rest,
  };
}
