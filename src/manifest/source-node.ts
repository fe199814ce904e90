/**
 * What a YAML or JSON text holds, with the place of every part: the one tree that reading, locating and rewriting share.
 * Offsets count UTF-16 code units from the start of the text; `end` is past the last character that belongs to the value,
 * without its anchor, its tag and any trailing comment.
 */
export type SourceNode = MappingNode | ListNode | ScalarNode | AliasNode;

interface Spanned {
  readonly start: number;
  readonly end: number;
  readonly anchor?: string;
}

export interface MappingNode extends Spanned {
  readonly kind: 'mapping';
  /** Written with brackets, as JSON always is. */
  readonly isFlow: boolean;
  readonly entries: MappingEntry[];
}

export interface MappingEntry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** A YAML merge key: the entry stands for the members of the mappings in its value. */
  readonly isMerge: boolean;
  readonly node: SourceNode;
}

export interface ListNode extends Spanned {
  readonly kind: 'list';
  readonly isFlow: boolean;
  readonly items: SourceNode[];
}

/** How a scalar is written; `json` is a JSON literal of any type. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'json';

export interface ScalarNode extends Spanned {
  readonly kind: 'scalar';
  readonly style: ScalarStyle;
  readonly value: unknown;
}

export interface AliasNode extends Spanned {
  readonly kind: 'alias';
  readonly target: SourceNode;
}

/** Deepest nesting that is read. No object of Kubernetes comes near it, and all that walks the tree may recurse. */
export const MAX_DEPTH = 200;

/** What an alias stands for; any other node itself. */
export function resolveAlias(node: SourceNode): Exclude<SourceNode, AliasNode> {
  return node.kind === 'alias' ? resolveAlias(node.target) : node;
}

/** The mappings whose members a merge key brings in, the ones that win first; `undefined` where its value is anything else. */
export function mergedMappings(entry: MappingEntry): MappingNode[] | undefined {
  const value = resolveAlias(entry.node);
  const sources = value.kind === 'list' ? value.items.map(resolveAlias) : [value];
  return sources.every((source) => source.kind === 'mapping') ? sources : undefined;
}
