import type { Graph } from './graph.ts';

/** A browser works through every style for every part: 300 nodes take it a second, 1200 half a minute. */
const MOST_TRACED = 400;

/** True when a picture is small enough for a browser to show each node's connections. */
export function isTraced({ nodes }: Graph): boolean {
  return nodes.length <= MOST_TRACED;
}

/** Which nodes lie on a common chain with each part of a graph; a part is a node's id, or an edge's `from to`. */
export function findTraces({ nodes, chains }: Graph): ReadonlyMap<string, readonly string[]> {
  const traces = new Map<string, Set<string>>();
  const add = (part: string, ids: readonly string[]): void => {
    const known = traces.get(part) ?? new Set();
    for (const id of ids) known.add(id);
    traces.set(part, known);
  };
  for (const { id } of nodes) add(id, [id]);
  for (const chain of chains) {
    for (const [index, id] of chain.entries()) {
      add(id, chain);
      if (index > 0) add(`${chain[index - 1]} ${id}`, chain);
    }
  }
  return new Map([...traces].map(([part, ids]) => [part, [...ids]]));
}

/** Styles, for a picture that is traced, that let everything fade that is on no common chain with the node under the pointer, or with the focus. */
export function fadeStyles({ nodes }: Graph): string {
  return nodes
    .map(({ id }) => `.graph:has(#${id}:hover) .part:not(.t-${id}),.graph:has(#${id}:focus) .part:not(.t-${id}){opacity:.13}`)
    .join('\n');
}
