import { CARD_PADDING, CHIP_HEIGHT, type Chip, SMALL_LETTER } from './card.ts';
import { escapeMarkup } from './escape.ts';
import { cellsOf } from './fit-text.ts';
import { type Column, type Drawing, type Graph, type GraphEdge, type GraphNode, type Level, type Mark, worstLevel } from './graph.ts';
import { type Box, type Line, layOut, type Point } from './layout.ts';
import { drawLegend, LEGEND_HEIGHT } from './legend.ts';
import { drawChip, drawCross, drawMode, textAt } from './shapes.ts';
import { COLORS, SHAPES } from './style.ts';
import { fadeStyles, findTraces, isTraced } from './traces.ts';

const HEADINGS: Readonly<Record<Column, string>> = {
  workload: 'Virtual machine',
  interface: 'vhost-user NIC',
  network: 'Network',
  bridge: 'OVS bridge',
  placement: 'Node label',
};

/** A stand-alone picture that follows light and dark mode, and shows a NIC's way when the pointer or the focus is on it. */
export const drawSvg: Drawing = (graph) => {
  const layout = layOut(graph);
  const traces = isTraced(graph) ? findTraces(graph) : new Map<string, readonly string[]>();
  const classOf = (part: string): string => ['part', ...(traces.get(part) ?? []).map((id) => `t-${id}`)].join(' ');
  const height = layout.bottom + 24 + LEGEND_HEIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="${layout.width}" height="${height}" viewBox="0 0 ${layout.width} ${height}" role="graphics-document document" aria-label="${escapeMarkup(summarize(graph))}">
<style>
${COLORS}
${SHAPES}
${isTraced(graph) ? fadeStyles(graph) : ''}
</style>
<rect class="canvas" width="${layout.width}" height="${height}" fill="var(--canvas)"/>
${layout.columns.map(({ column, x }) => textAt(x, 36, 'heading', HEADINGS[column])).join('\n')}
${graph.nodes.length === 0 ? textAt(24, layout.bottom + 8, 'quiet', 'Nothing has a vhost-user NIC.') : ''}
${layout.lines.map((line) => drawLine(line, classOf(`${line.edge.from} ${line.edge.to}`))).join('\n')}
${layout.boxes.map((box) => drawBox(box, classOf(box.node.id))).join('\n')}
${drawLegend(24, layout.bottom + 24)}
</svg>
`;
};

/** What the picture shows, in one sentence without its full stop. */
export function summarize({ nodes }: Graph): string {
  const count = (column: Column, one: string, many: string): string => {
    const { length } = nodes.filter((node) => node.column === column);
    return `${length} ${length === 1 ? one : many}`;
  };
  return `${count('workload', 'object', 'objects')} with ${count('interface', 'vhost-user NIC', 'vhost-user NICs')} on ${count('network', 'network', 'networks')}`;
}

function drawLine({ edge, from, to, bend: { start, stop } }: Line, classes: string): string {
  const { condition, end, note } = edge;
  const bend = (start + stop) / 2;
  const path = `<path d="M${from.x} ${from.y}H${start}C${bend} ${from.y} ${bend} ${to.y} ${stop} ${to.y}H${to.x}"/>`;
  if (note === '' && end === undefined) return `<g class="link ${classes}" aria-hidden="true">${path}</g>`;
  const cross = condition === 'broken' ? drawCross(bend, (from.y + to.y) / 2) : '';
  const label = escapeMarkup(end === undefined ? note : `${end.text}: ${note}`);
  return `<g class="wire ${condition} ${classes}" role="graphics-symbol img" aria-label="${label}"><title>${label}</title>${path}${cross}${drawEnd(edge, from, to)}</g>`;
}

function drawEnd({ end }: GraphEdge, from: Point, to: Point): string {
  if (end === undefined) return '';
  const width = cellsOf(end.text) * SMALL_LETTER + 14;
  return end.at === 'from' ? drawMode(from.x + 7, from.y, width, end.text) : drawMode(to.x - 7 - width, to.y, width, end.text);
}

function drawBox({ node, card, x, y }: Box, classes: string): string {
  const level = worstLevel(node.marks);
  const accent = level === 'error' || level === 'warning' ? ` ${level}` : '';
  const lines = card.lines.map((line) => textAt(CARD_PADDING, line.y, line.role, line.text));
  const stripe = `<path class="stripe" d="M8 0A8 8 0 0 0 0 8V${card.height - 8}A8 8 0 0 0 8 ${card.height}H5V0Z"/>`;
  return `<g id="${node.id}" class="node ${node.condition}${accent} ${classes}" transform="translate(${x} ${y})" tabindex="0" role="graphics-object group" aria-label="${escapeMarkup(describe(node))}"><title>${escapeMarkup(describe(node))}</title><rect class="body" width="${card.width}" height="${card.height}" rx="8"/>${accent === '' ? '' : stripe}<svg width="${card.width - 4}" height="${card.height}">${lines.join('')}${card.chips.map(drawMarks).join('')}</svg></g>`;
}

function drawMarks({ marks, level, text, x, y, width }: Chip): string {
  const title = `<title>${escapeMarkup(marks.map(explain).join('\n'))}</title>`;
  return drawChip({ x, y, width, height: CHIP_HEIGHT, level, text }, title);
}

function describe({ kind, name, details, marks }: GraphNode): string {
  return [`${kind} ${name}`, ...details, ...marks.map(explain)].join('\n');
}

const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'info',
  repaired: 'repaired by admission',
  skipped: 'skipped',
};

function explain({ level, rule, name, message }: Mark): string {
  return `${LEVEL_WORDS[level]}: ${rule} ${name}: ${message}`;
}
