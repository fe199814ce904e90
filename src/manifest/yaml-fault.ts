import { type Document, type ErrorCode, isCollection, isScalar, type Node, visit, type YAMLParseError } from 'yaml';
import type { Fault } from './syntax-problem.ts';

const HINTS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent the lines of a mapping or list alike',
  BLOCK_AS_IMPLICIT_KEY: 'put the nested mapping on its own lines, or quote the text that contains ": "',
  MULTILINE_IMPLICIT_KEY: 'write "key: value" on one line, or look for a missing ":"',
  MISSING_CHAR: 'look for a missing ":", quote or bracket at or before this place',
  BAD_SCALAR_START: 'quote the value',
  UNEXPECTED_TOKEN: 'quote the text, or check the indentation',
};

/** The library's error in this project's words: lower case, no full stop, with a hint where one helps. */
export function yamlFault(error: YAMLParseError, document: Document, text: string): Fault {
  const [end] = error.pos;
  const unclosed = /closing|end with a/.test(error.message) ? findUnclosed(document, end) : undefined;
  if (unclosed !== undefined) {
    const opening = text.charAt(unclosed);
    const closing = { '{': '}', '[': ']' }[opening] ?? opening;
    return { start: unclosed, message: `the ${opening} here is never closed`, hint: `add the missing ${closing}` };
  }
  const message = error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\.$/, '');
  const hint = HINTS[error.code];
  return hint === undefined ? { start: end, message } : { start: end, message, hint };
}

/** Where the quote or bracket was opened that the text up to `end` does not close. The library only tells where it gave up. */
function findUnclosed(document: Document, end: number): number | undefined {
  let found: number | undefined;
  visit(document, {
    Node: (_, node: Node) => {
      const isOpened = isScalar(node) ? node.type?.startsWith('QUOTE') === true : isCollection(node) && node.flow === true;
      if (isOpened && node.range?.[1] === end) found = node.range[0];
    },
  });
  return found;
}
