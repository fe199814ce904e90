import { CHIP_HEIGHT, CHIP_ICON, SMALL_LETTER } from './card.ts';
import { LEVELS } from './graph.ts';
import { drawChip, drawCross, textAt } from './shapes.ts';

/** In CSS pixels. */
export const LEGEND_HEIGHT = 66;

const WIRES = [
  { condition: 'sound', text: 'wire: OVS client, QEMU server', width: 250 },
  { condition: 'doubtful', text: 'works until OVS restarts', width: 214 },
  { condition: 'broken', text: 'passes no packet', width: 172 },
  { condition: 'unknown', text: 'not known from these files', width: 220 },
] as const;

const CHIP_TEXT = {
  error: 'error',
  warning: 'warning',
  info: 'info',
  repaired: 'repaired by admission',
  skipped: 'could not be judged, or exempt',
};

/** What the colors and shapes mean. */
export function drawLegend(left: number, top: number): string {
  let x = left;
  const wires = WIRES.map(({ condition, text, width }) => {
    const cross = condition === 'broken' ? drawCross(20, 0) : '';
    const sample = `<g class="wire ${condition}" transform="translate(${x} ${top + 18})"><path d="M0 0H40"/>${cross}</g>`;
    const label = textAt(x + 48, top + 22, 'quiet', text);
    x += width;
    return sample + label;
  });
  x = left;
  const chips = LEVELS.map((level) => {
    const width = CHIP_ICON + CHIP_TEXT[level].length * SMALL_LETTER + 8;
    const chip = drawChip({ x, y: top + 38, width, height: CHIP_HEIGHT, level, text: CHIP_TEXT[level] }, '');
    x += width + 10;
    return chip;
  });
  return `<g class="legend" role="img" aria-label="Legend">${wires.join('')}${chips.join('')}</g>`;
}
