import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import type { Graph, GraphNode } from '../../src/graph/graph.ts';
import { createGraph } from '../../src/graph/model.ts';
import { engineOver } from './fixture.ts';

/** The picture of objects that are each other's inventory. */
export function graphOf(objects: readonly JsonObject[], settings: Settings = DEFAULT_SETTINGS): Graph {
  const engine = engineOver(objects, settings);
  const judged = objects.map((object) => {
    const subject = subjectOf(object, 'default');
    return { subject, findings: engine.judge(subject).findings, locate: () => ({ file: 'vm.yaml', line: 1 }) };
  });
  return createGraph(judged, engine.context);
}

/** The nodes of each chain. */
export function chainsOf({ chains, nodes }: Graph): GraphNode[][] {
  return chains.map((chain) => chain.map((id) => nodes.find((node) => node.id === id) as GraphNode));
}

/** The only node with this name. */
export function nodeNamed({ nodes }: Graph, name: string): GraphNode {
  const [node, ...others] = nodes.filter((candidate) => candidate.name === name);
  if (node === undefined || others.length > 0) throw new Error(`${others.length + (node === undefined ? 0 : 1)} nodes are called ${name}`);
  return node;
}
