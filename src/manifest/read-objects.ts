import type { JsonObject } from '../core/json.ts';
import { readManifests } from './read.ts';

/** Between documents, of which no scalar holds one; and what stands before a document and says how to read it. */
const DOCUMENT_START = /^(?=---\s)/m;
const DIRECTIVE = /^%/m;

/**
 * The objects in those documents of a text in which `pattern` matches, read as `readManifests` reads them but for their places; no other
 * document is parsed, and none that cannot be read is told of.
 */
export function readObjects(text: string, file: string, pattern: RegExp): JsonObject[] {
  const documents = DIRECTIVE.test(text) ? [text] : text.split(DOCUMENT_START);
  return documents
    .filter((document) => pattern.test(document))
    .flatMap((document) => readManifests(document, file).manifests.map(({ object }) => compact(object)));
}

/** A copy whose strings are no views of the text, nor made of its lines: it takes a fifth of the memory, for as long as it is looked up. */
function compact(object: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
