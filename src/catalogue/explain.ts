import type { RuleMeta } from '../engine/rule.ts';
import { describeFix, describeOffline, exampleDiff, kindsOf } from './facts.ts';

/** Columns of a terminal that text is wrapped at; longer words (URLs) are kept whole. */
const WIDTH = 100;

/** Everything about a rule, for a terminal. Ends in a newline. */
export function explainRule(meta: RuleMeta): string {
  const kinds = kindsOf(meta).map(({ kind }) => kind);
  return [
    `${meta.id} ${meta.name} (${meta.severity})`,
    meta.title,
    section('why', wrap(meta.why)),
    section('remedy', wrap(meta.remedy)),
    section(`what breaks it, in deploy/examples/${meta.example.file}`, exampleDiff(meta)),
    section('fix', wrap(describeFix(meta))),
    section('judges', wrap(kinds.join(', '))),
    section('works offline', wrap(describeOffline(meta))),
    section('false positives', wrap(meta.falsePositives)),
    section('sources', meta.sources),
  ]
    .join('\n\n')
    .concat('\n');
}

function section(heading: string, lines: readonly string[]): string {
  return [heading, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

/** Markdown's line breaks mean nothing, so paragraphs are broken anew; lists and code keep their lines. */
function wrap(text: string): string[] {
  return text.split(/\n{2,}/).flatMap((paragraph, index) => [...(index === 0 ? [] : ['']), ...wrapParagraph(paragraph)]);
}

function wrapParagraph(paragraph: string): string[] {
  if (/^(?:[-*|]|\d+\.| {4}|```)/m.test(paragraph)) return paragraph.split('\n');
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/)) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
