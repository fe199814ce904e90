import type { HostRoot } from './host-root.ts';
import { processIds } from './read-processes.ts';

/** What the kubelet was started with. */
export interface KubeletCommand {
  readonly pid: number;
  /** By name, without dashes; of one that is given twice, the last. */
  readonly flags: ReadonlyMap<string, string>;
}

/** The command line of the kubelet that runs; `undefined` where none is to be seen, such as one that is part of another program. */
export function readKubeletCommand(root: HostRoot): KubeletCommand | undefined {
  const pid = processIds(root).find((candidate) => root.textIfAny(`/proc/${candidate}/comm`) === 'kubelet');
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
