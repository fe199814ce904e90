import type { Drawing } from './graph.ts';
import { drawHtml } from './html.ts';
import { drawMermaid } from './mermaid.ts';
import { drawSvg } from './svg.ts';

/** Every format that `graph -o` writes. */
export const DRAWINGS = {
  svg: drawSvg,
  html: drawHtml,
  mermaid: drawMermaid,
} as const satisfies Record<string, Drawing>;

export type DrawingFormat = keyof typeof DRAWINGS;
