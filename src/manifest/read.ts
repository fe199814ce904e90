import { describeType, isObject, type JsonObject } from '../core/json.ts';
import { readJson } from './json-source.ts';
import { Manifest } from './manifest.ts';
import { resolveAlias, type SourceNode } from './source-node.ts';
import { type Fault, type SyntaxProblem, toProblem } from './syntax-problem.ts';
import { TextLines } from './text-lines.ts';
import { toObject } from './to-object.ts';
import { readYaml, type SourceDocument } from './yaml-source.ts';

/** What a file holds: the objects that could be read, and why others could not. */
export interface ManifestFile {
  readonly manifests: Manifest[];
  readonly errors: SyntaxProblem[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL_CHARACTER = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/**
 * Reads YAML, of one or many documents, and JSON, one value or many, as `kubectl` would; lists become their items.
 * A document that cannot be read is a problem and does not keep the others from being read. Never throws.
 */
export function readManifests(text: string, file: string): ManifestFile {
  const lines = new TextLines(text);
  const manifests: Manifest[] = [];
  const faults: Fault[] = [];
  for (const document of readDocuments(text, file)) {
    faults.push(...document.faults);
    if (document.root === undefined || document.faults.length > 0) continue;
    const converted = toObject(document.root);
    faults.push(...converted.faults);
    if (converted.faults.length > 0) continue;
    const origin = { file, lines, document: document.root };
    for (const { object, root } of expandList(converted.value, document.root)) {
      const message = describeFault(object);
      if (message !== undefined) faults.push({ start: root.start, message });
      else manifests.push(new Manifest(origin, object as JsonObject, root));
    }
  }
  return { manifests, errors: faults.map((fault) => toProblem(fault, file, lines)) };
}

/** What keeps a value from being a manifest; a list that is one was taken apart before. */
function describeFault(object: unknown): string | undefined {
  if (!isObject(object)) return `a manifest must be a mapping, not ${describeType(object)}`;
  if (object['kind'] !== 'List') return undefined;
  return Array.isArray(object['items'])
    ? 'a List in a List, which kubectl refuses'
    : `items of a List must be a list, not ${describeType(object['items'])}`;
}

function readDocuments(text: string, file: string): SourceDocument[] {
  const control = CONTROL_CHARACTER.exec(text);
  if (control !== null) return [{ faults: [controlFault(text, control.index)] }];
  if (!/^\uFEFF?\s*\{/.test(text)) return readYaml(text);
  const { roots, fault } = readJson(text);
  if (fault === undefined) return roots.map((root) => ({ root, faults: [] }));
  const documents = readYaml(text);
  const isYaml = documents.every((document) => document.faults.length === 0);
  if (isYaml || !/\.json$/i.test(file)) return documents;
  return [...roots.map((root) => ({ root, faults: [] })), { faults: [fault] }];
}

function controlFault(text: string, start: number): Fault {
  const code = text.charCodeAt(start).toString(16).toUpperCase().padStart(4, '0');
  const byte = new TextEncoder().encode(text.slice(0, start)).length;
  const message = `${code === '0000' ? 'NUL byte' : `control character U+${code}`} at byte ${byte}, which no YAML or JSON may contain`;
  if (code === '0000') return { start, message, hint: 'save the file as UTF-8 text' };
  return { start, message, hint: 'delete it; it may be the color code of a terminal' };
}

interface Part {
  readonly object: unknown;
  readonly root: SourceNode;
}

/** The items of a `List`, or of any kind that ends in it; anything else is itself. */
function expandList(object: unknown, root: SourceNode): Part[] {
  if (isObject(object) && object['kind'] === 'List' && (object['items'] ?? null) === null) return [];
  if (!isObject(object) || !String(object['kind']).endsWith('List') || !Array.isArray(object['items'])) return [{ object, root }];
  const content = resolveAlias(root);
  const items = content.kind === 'mapping' ? content.entries.findLast((entry) => entry.key === 'items') : undefined;
  const list = items === undefined ? undefined : resolveAlias(items.node);
  if (list?.kind !== 'list') return [{ object, root }];
  return object['items'].map((item: unknown, index) => ({ object: item, root: list.items[index] ?? root }));
}
