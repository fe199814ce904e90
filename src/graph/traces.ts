import type { Graph } from './graph.ts';

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

/** Styles that let everything fade that is on no common chain with the node under the pointer, or with the focus. */
export function fadeStyles({ nodes }: Graph): string {
  return nodes
    .map(({ id }) => `.graph:has(#${id}:hover) .part:not(.t-${id}),.graph:has(#${id}:focus) .part:not(.t-${id}){opacity:.13}`)
    .join('\n');
}
