import type { MappingEntry, MappingNode, SourceNode } from './source-node.ts';
import { mergedMappings } from './source-node.ts';
import type { Fault } from './syntax-problem.ts';

/**
 * Most text that aliases may stand for beyond what is written, in characters. Kubernetes refuses objects over 3 MiB, so no
 * honest document comes near it, and an alias bomb passes it at once.
 */
const MAX_ALIASED_LENGTH = 4 * 1024 * 1024;

interface Converted {
  readonly value: unknown;
  readonly length: number;
}

/** The JSON value of a tree, and what keeps it from being one. Aliases share one value; nothing is copied. */
export function toObject(root: SourceNode): { value: unknown; faults: readonly Fault[] } {
  const conversion = new Conversion();
  const value = conversion.convert(root);
  return { value, faults: conversion.faults };
}

class Conversion {
  readonly faults: Fault[] = [];
  readonly #anchored = new Map<SourceNode, Converted>();
  /** Characters of all scalars and keys so far, with everything that aliases stand for. */
  #length = 0;
  #aliasedLength = 0;

  convert(node: SourceNode): unknown {
    if (node.kind === 'alias') return this.#alias(node.target, node.start);
    const before = this.#length;
    const value = this.#content(node);
    if (node.anchor !== undefined) this.#anchored.set(node, { value, length: this.#length - before });
    return value;
  }

  #content(node: Exclude<SourceNode, { kind: 'alias' }>): unknown {
    this.#length += 1;
    if (node.kind === 'mapping') return this.#mapping(node);
    if (node.kind === 'list') return node.items.map((item) => this.convert(item));
    this.#length += node.end - node.start;
    return node.value;
  }

  #alias(target: SourceNode, start: number): unknown {
    const { value, length } = this.#anchored.get(target) ?? { value: this.convert(target), length: 0 };
    this.#length += length;
    this.#aliasedLength += length;
    if (this.#aliasedLength <= MAX_ALIASED_LENGTH) return value;
    if (this.#aliasedLength - length <= MAX_ALIASED_LENGTH)
      this.faults.push({ start, message: 'aliases stand for more than 4 MiB of text' });
    return null;
  }

  #mapping(mapping: MappingNode): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const written = mapping.entries.some((entry) => entry.isMerge) ? new Set<string>() : undefined;
    for (const entry of mapping.entries) {
      this.#length += entry.key.length;
      if (entry.isMerge) {
        this.#merge(object, entry);
        continue;
      }
      if (written?.has(entry.key) ?? Object.hasOwn(object, entry.key)) this.#duplicate(entry);
      written?.add(entry.key);
      assign(object, entry.key, this.convert(entry.node));
    }
    return object;
  }

  /** As Go's parser merges: what comes later wins, and within a list of mappings the earlier. */
  #merge(object: Record<string, unknown>, entry: MappingEntry): void {
    if (mergedMappings(entry) === undefined) {
      this.faults.push({ start: entry.node.start, message: 'a merge key needs a mapping, or a list of mappings' });
      return;
    }
    const merged = this.convert(entry.node);
    for (const source of Array.isArray(merged) ? merged.toReversed() : [merged]) {
      for (const [key, value] of Object.entries((source ?? {}) as object)) assign(object, key, value);
    }
  }

  #duplicate({ key, keyStart }: MappingEntry): void {
    this.faults.push({ start: keyStart, message: `duplicate key ${JSON.stringify(key)}`, hint: 'keep one of them' });
  }
}

/** Plain assignment to `__proto__` would change the prototype instead of adding a member. */
function assign(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
