import { printable } from './escape.ts';
import { shorten } from './fit-text.ts';
import { type Drawing, type GraphEdge, type GraphNode, groupMarks, worstLevel } from './graph.ts';

/** Longest name in cells: Mermaid makes its boxes as wide as their text. */
const MOST_CELLS = 48;

/** A flowchart for Markdown: GitHub and GitLab draw it. @see https://mermaid.js.org/syntax/flowchart.html */
export const drawMermaid: Drawing = ({ nodes, edges }) => {
  const broken = edges.flatMap(({ condition }, index) => (condition === 'broken' ? [index] : []));
  const lines = [
    'flowchart LR',
    ...nodes.map(drawNode),
    ...edges.map(drawEdge),
    ...nodes.flatMap((node) => classesOf(node).map((name) => `  class ${node.id} ${name}`)),
    ...(broken.length === 0 ? [] : [`  linkStyle ${broken.join(',')} stroke:#cf222e,color:#cf222e`]),
    '  classDef error stroke:#cf222e,stroke-width:3px',
    '  classDef warning stroke:#b07400,stroke-width:3px',
    '  classDef ghost stroke-dasharray:5 4',
  ];
  return `${lines.join('\n')}\n`;
};

function drawNode({ id, kind, name, details, marks }: GraphNode): string {
  const rules = groupMarks(marks)
    .filter(({ level }) => level !== 'skipped')
    .map(({ rule, level }) => `${level} ${rule}`);
  const text = [kind, name, ...details, ...rules].map((line) => escapeLabel(shorten(line, MOST_CELLS))).join('<br/>');
  return `  ${id}["${text}"]`;
}

const ARROWS: Readonly<Record<GraphEdge['condition'], string>> = { sound: '---', doubtful: '-.-', broken: '-.-x', unknown: '-.-' };

function drawEdge({ from, to, condition, end }: GraphEdge): string {
  const text = end === undefined ? '' : `|"${escapeLabel(end.text)}"|`;
  return `  ${from} ${ARROWS[condition]}${text} ${to}`;
}

function classesOf({ condition, marks }: GraphNode): string[] {
  const level = worstLevel(marks);
  const ghost = condition === 'sound' ? [] : ['ghost'];
  return level === 'error' || level === 'warning' ? [...ghost, level] : ghost;
}

/** Everything that Mermaid, or the Markdown and HTML inside its labels, could take for its own, as a character code. */
function escapeLabel(text: string): string {
  return printable(text)
    .replace(/[\t\n\r]/g, ' ')
    .replace(/[^\p{L}\p{N}\p{M} .,:/=(){}…×-]/gu, (letter) => `#${letter.codePointAt(0)};`);
}
