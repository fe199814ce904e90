import type { JsonObject } from '../core/json.ts';
import { readJson } from './json-source.ts';
import { Manifest } from './manifest.ts';
import type { SourceNode } from './source-node.ts';
import { TextLines } from './text-lines.ts';

/**
 * The manifest of an object that was read from no text: places are those in its JSON, indented by two. The object must be what
 * `JSON.parse` could have made. The text is parsed only for the first place that somebody asks for.
 */
export function renderManifest(object: JsonObject, file: string): Manifest {
  const text = JSON.stringify(object, undefined, 2);
  let root: SourceNode | undefined;
  const parse = (): SourceNode => {
    root ??= readJson(text).roots[0];
    if (root === undefined) throw new TypeError('an object has no JSON');
    return root;
  };
  return new Manifest({ file, lines: new TextLines(text), document: parse }, object, parse);
}
