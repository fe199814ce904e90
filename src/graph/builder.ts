import type { Graph, GraphEdge, GraphNode, Mark } from './graph.ts';

interface Draft extends Omit<GraphNode, 'marks'> {
  readonly marks: Mark[];
}

/** Collects a graph; what several chains share is in it once. */
export class GraphBuilder {
  readonly #ids = new Map<string, string>();
  readonly #drafts = new Map<string, Draft>();
  readonly #edges = new Map<string, GraphEdge>();
  readonly #chains: (readonly string[])[] = [];

  /** The id of the node that `key` stands for, described when it is new. */
  node(key: string, description: Omit<GraphNode, 'id' | 'marks'>): string {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `n${this.#ids.size}`;
    this.#ids.set(key, id);
    this.#drafts.set(id, { ...description, id, marks: [] });
    return id;
  }

  /** Connects two nodes, once. */
  edge(edge: GraphEdge): void {
    const key = `${edge.from} ${edge.to}`;
    if (!this.#edges.has(key)) this.#edges.set(key, edge);
  }

  chain(ids: readonly string[]): void {
    this.#chains.push(ids);
  }

  /** Paints a finding on a node of this builder. */
  mark(id: string, mark: Mark): void {
    this.#drafts.get(id)?.marks.push(mark);
  }

  build(): Graph {
    return { nodes: [...this.#drafts.values()], edges: [...this.#edges.values()], chains: this.#chains };
  }
}
