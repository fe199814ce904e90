import { clip } from './columns.ts';
import type { WatchedPool } from './facts.ts';
import type { PmdView } from './view.ts';

const GAP = '   ';

/** What each PMD thread does, as many beside each other as a line holds. */
export function formatLoad(threads: readonly PmdView[], columns: number): string[] {
  const cells = threads.map(({ numaNode, cpu, queues, busyPercent }) => {
    const load = busyPercent === undefined ? '-' : `${Math.round(busyPercent)} %`;
    return `cpu ${cpu} (node ${numaNode}) ${load.padStart(5)}, ${queues} ${queues === 1 ? 'queue' : 'queues'}`;
  });
  return flow('PMD', cells, columns);
}

/** How full the pools are: of those of one size and node, the fullest. */
export function formatPools(pools: readonly WatchedPool[], columns: number): string[] {
  const groups = new Map<string, WatchedPool[]>();
  for (const pool of pools) {
    const key = `${pool.numaNode} ${pool.objectBytes}`;
    groups.set(key, [...(groups.get(key) ?? []), pool]);
  }
  return flow('pools', [...groups.values()].map(describeGroup), columns);
}

function describeGroup(pools: readonly WatchedPool[]): string {
  const [fullest] = pools.toSorted((a, b) => freeShare(a) - freeShare(b));
  if (fullest === undefined) return '';
  const { numaNode, objectBytes, size, free } = fullest;
  const left = free === undefined ? `${size} buffers` : `${free} of ${size} buffers free`;
  return `node ${numaNode}, ${objectBytes} B: ${left}${pools.length === 1 ? '' : ` in the fullest of ${pools.length}`}`;
}

function freeShare({ size, free }: WatchedPool): number {
  return free === undefined || size === 0 ? 1 : free / size;
}

/** Cells one after the other, below each other where a line would be too long. */
function flow(label: string, cells: readonly string[], columns: number): string[] {
  const indent = label.length + GAP.length;
  const lines: string[] = [];
  for (const cell of cells) {
    const last = lines.at(-1);
    const longer = `${last}${GAP}${cell}`;
    if (last === undefined) lines.push(`${label}${GAP}${cell}`);
    else if (longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(`${' '.repeat(indent)}${cell}`);
  }
  return lines.map((line) => clip(line, columns));
}
