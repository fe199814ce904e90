import type { HostRoot } from './host-root.ts';
import type { Processes } from './processes.ts';

/** What the kubelet was started with. */
export interface KubeletCommand {
  readonly pid: number;
  /** By name, without dashes; of one that is given twice, the last. */
  readonly flags: ReadonlyMap<string, string>;
}

/**
 * The command line of the kubelet that runs; `undefined` where none is to be seen, such as one that is part of another program. One in
 * another network is the kubelet of a node that is a container here.
 */
export function readKubeletCommand(root: HostRoot, processes: Processes): KubeletCommand | undefined {
  const pid = processes.ids.find((candidate) => !processes.isElsewhere(candidate) && processes.nameOf(candidate) === 'kubelet');
  const words = pid === undefined ? undefined : root.textIfAny(`/proc/${pid}/cmdline`)?.split('\0').slice(1);
  return pid === undefined || words === undefined ? undefined : { pid, flags: flagsIn(words) };
}

/** As Go's pflag takes them: `--name=value`, `--name value`, and `--name` alone for true. */
function flagsIn(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const [, name, value] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) continue;
    const next = words[index + 1];
    flags.set(name, value ?? (next === undefined || next.startsWith('--') ? 'true' : next));
  }
  return flags;
}
