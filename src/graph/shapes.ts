import { CHIP_ICON } from './card.ts';
import { escapeMarkup } from './escape.ts';
import type { Level } from './graph.ts';

/** A line of text; `y` is its baseline. */
export function textAt(x: number, y: number, role: string, text: string): string {
  return `<text class="${role}" x="${x}" y="${y}">${escapeMarkup(text)}</text>`;
}

/** Each level by shape too, for who cannot tell the colors apart. Drawn in a square of 12 pixels. */
const ICONS: Readonly<Record<Level, string>> = {
  error: 'M6 1A5 5 0 1 0 6 11A5 5 0 1 0 6 1M4.2 4.2L7.8 7.8M7.8 4.2L4.2 7.8',
  warning: 'M6 1L11 10.5H1ZM6 4.5V7M6 8.8V9',
  info: 'M6 1A5 5 0 1 0 6 11A5 5 0 1 0 6 1M6 5.5V8.5M6 3.4V3.6',
  repaired: 'M1.5 6.5L4.5 9.5L10.5 2.5',
  skipped: 'M2 6H2.2M6 6H6.2M10 6H10.2',
};

/** A rule's pill. `title` is markup that goes into it. */
export function drawChip(
  { x, y, width, height, level, text }: { x: number; y: number; width: number; height: number; level: Level; text: string },
  title: string,
): string {
  return `<g class="chip ${level}" transform="translate(${x} ${y})">${title}<rect width="${width}" height="${height}" rx="${height / 2}"/><path class="icon" transform="translate(6 3)" d="${ICONS[level]}"/>${textAt(CHIP_ICON, height / 2 + 4, 'rule', text)}</g>`;
}

/** The mode of an end of a wire, its left at `x` and its middle at `y`. */
export function drawMode(x: number, y: number, width: number, text: string): string {
  return `<g class="mode" transform="translate(${x} ${y - 10})"><rect width="${width}" height="20" rx="4"/><text x="${width / 2}" y="14" text-anchor="middle">${escapeMarkup(text)}</text></g>`;
}

/** What a wire that carries nothing has on it, around a point. */
export function drawCross(x: number, y: number): string {
  return `<g class="cross" transform="translate(${x} ${y})"><circle r="9"/><path d="M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5"/></g>`;
}
