/** An element of a document, as its start tag has it. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** What a document is made of: its elements, and the text between their tags. */
export interface Markup {
  readonly elements: readonly Element[];
  readonly text: string;
}

const ENTITY = /&(?:amp|lt|gt|quot|#39);/g;
const LETTERS: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const TAG = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const TEXT = /[^<]+/y;
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Reads a strict part of XML. @throws Error at the first thing that is not of it: an open element, a bare `&`, a control character */
export function readMarkup(document: string): Markup {
  const forbidden = FORBIDDEN.exec(document);
  if (forbidden !== null) throw new Error(`forbidden character at ${forbidden.index}`);
  const elements: Element[] = [];
  const open: string[] = [];
  let text = '';
  let at = document.startsWith('<!DOCTYPE html>') ? '<!DOCTYPE html>'.length : 0;
  while (at < document.length) {
    TEXT.lastIndex = at;
    TAG.lastIndex = at;
    const words = TEXT.exec(document);
    const tag = words === null ? TAG.exec(document) : null;
    if (words !== null) text += decode(words[0]);
    else if (tag === null) throw new Error(`no tag at ${at}: ${document.slice(at, at + 60)}`);
    else readTag(tag, open, elements);
    at = words === null ? TAG.lastIndex : TEXT.lastIndex;
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  return { elements, text };
}

function readTag([tag, slash, name = '', attributes = '', end]: RegExpExecArray, open: string[], elements: Element[]): void {
  if (slash === '/') {
    if (open.pop() !== name) throw new Error(`${tag} closes nothing`);
    return;
  }
  const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decode(value)] as const);
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`${tag} has an attribute twice`);
  elements.push({ name, attributes: new Map(pairs) });
  if (end !== '/') open.push(name);
}

function decode(text: string): string {
  if (text.replace(ENTITY, '').includes('&')) throw new Error(`bare & in ${text.slice(0, 60)}`);
  return text.replace(ENTITY, (entity) => LETTERS[entity] ?? '');
}
