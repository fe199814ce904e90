import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'blue';

/** Wraps text in terminal colours, or leaves it alone. */
export type Palette = Readonly<Record<Style, (text: string) => string>>;

export function createPalette(isColored: boolean): Palette {
  const wrap = (style: Style) => (text: string) => (isColored ? styleText(style, text, { validateStream: false }) : text);
  return {
    bold: wrap('bold'),
    dim: wrap('dim'),
    red: wrap('red'),
    yellow: wrap('yellow'),
    green: wrap('green'),
    blue: wrap('blue'),
  };
}
