import type { RuleId } from '../engine/finding.ts';
import { cellsOf, shorten, wrap } from './fit-text.ts';
import { type Column, type GraphNode, groupMarks, type Level, type Mark } from './graph.ts';

/** All lengths are in CSS pixels. */
export const CARD_WIDTH: Readonly<Record<Column, number>> = { workload: 248, interface: 172, network: 236, bridge: 150, placement: 226 };

/** One line of a card; `y` is its baseline. */
export interface CardLine {
  readonly text: string;
  readonly role: 'kind' | 'name' | 'detail';
  readonly y: number;
}

/** The findings of one rule and level; `x`, `y` its top left. */
export interface Chip {
  readonly rule: RuleId;
  readonly level: Level;
  readonly marks: readonly Mark[];
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A node as it is drawn, measured from its own top left. */
export interface Card {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly CardLine[];
  readonly chips: readonly Chip[];
}

export const CHIP_HEIGHT = 18;
export const CARD_PADDING = 14;
/** Distance between two wires that end at the same card, so that the modes on them do not touch. */
export const PORT_DISTANCE = 24;
const CHIP_GAP = 5;
/** From the left of a chip to its text. */
export const CHIP_ICON = 21;
/** Width of a letter of the 11 pixel monospaced font. */
export const SMALL_LETTER = 6.7;

/** Width of a letter and distance to the next line, for each role at its font size. */
const METRICS: Readonly<Record<CardLine['role'], { readonly letter: number; readonly leading: number }>> = {
  kind: { letter: 6.4, leading: 17 },
  name: { letter: 7.9, leading: 18 },
  detail: { letter: 6.7, leading: 16 },
};

/** Lays out a node. @param ports how many wires end at its left. */
export function composeCard(node: GraphNode, ports: number): Card {
  const width = CARD_WIDTH[node.column];
  const inner = width - 2 * CARD_PADDING;
  const fitted = (role: CardLine['role'], text: string, lines: number): { text: string; role: CardLine['role'] }[] =>
    wrap(text, Math.floor(inner / METRICS[role].letter), lines).map((line) => ({ text: line, role }));
  const texts = [
    ...fitted('kind', node.kind, 1),
    ...fitted('name', node.name, 3),
    ...node.details.flatMap((detail) => fitted('detail', detail, 1)),
  ];
  let bottom = CARD_PADDING - 6;
  const lines = texts.map((line) => {
    bottom += METRICS[line.role].leading;
    return { ...line, y: bottom };
  });
  const chips = composeChips(node, inner, bottom + 9);
  const content = (chips.at(-1)?.y ?? bottom - CHIP_HEIGHT + 2) + CHIP_HEIGHT + CARD_PADDING - 3;
  const height = Math.max(content, ports * PORT_DISTANCE + CARD_PADDING);
  return { width, height, lines, chips };
}

function composeChips({ marks }: GraphNode, inner: number, top: number): Chip[] {
  const chips: Chip[] = [];
  let x = CARD_PADDING;
  let y = top;
  for (const group of groupChips(marks)) {
    const text = shorten(group.text, 24);
    const width = CHIP_ICON + cellsOf(text) * SMALL_LETTER + 8;
    if (x > CARD_PADDING && x + width > CARD_PADDING + inner) {
      x = CARD_PADDING;
      y += CHIP_HEIGHT + CHIP_GAP;
    }
    chips.push({ ...group, text, x, y, width });
    x += width + CHIP_GAP;
  }
  return chips;
}

/** What was skipped is one chip: a file without its cluster has many of them, and none is wrong. */
function groupChips(marks: readonly Mark[]): Omit<Chip, 'x' | 'y' | 'width'>[] {
  const groups = groupMarks(marks);
  const shown = groups.filter(({ level }) => level !== 'skipped');
  const skipped = marks.filter(({ level }) => level === 'skipped');
  const [first] = skipped;
  return [
    ...shown.map((group) => ({ ...group, text: group.marks.length > 1 ? `${group.rule} ×${group.marks.length}` : group.rule })),
    ...(first === undefined ? [] : [{ rule: first.rule, level: first.level, marks: skipped, text: `${skipped.length} skipped` }]),
  ];
}
