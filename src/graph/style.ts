import type { Level } from './graph.ts';

const LIGHT = {
  canvas: '#f6f8fa',
  panel: '#ffffff',
  text: '#1f2328',
  muted: '#59636e',
  border: '#c8d1da',
  link: '#7d8793',
  error: '#cf222e',
  'error-tint': '#ffebe9',
  warning: '#8a5a00',
  'warning-tint': '#fff4cc',
  info: '#0a5fc4',
  'info-tint': '#e3f2ff',
  repaired: '#1a7f37',
  'repaired-tint': '#dcfbe4',
  skipped: '#59636e',
  'skipped-tint': '#eef1f4',
  sound: '#1a7f37',
  doubtful: '#8f5f00',
  broken: '#cf222e',
  unknown: '#6e7781',
} as const;

const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  canvas: '#0d1117',
  panel: '#161b22',
  text: '#f0f6fc',
  muted: '#9ba4ae',
  border: '#3d444d',
  link: '#6e7681',
  error: '#ff7b72',
  'error-tint': '#3c1618',
  warning: '#e3b341',
  'warning-tint': '#352806',
  info: '#6cb0ff',
  'info-tint': '#10294a',
  repaired: '#56d364',
  'repaired-tint': '#0f2d18',
  skipped: '#9ba4ae',
  'skipped-tint': '#23292f',
  sound: '#3fb950',
  doubtful: '#d9a023',
  broken: '#f85149',
  unknown: '#8b949e',
};

function variables(colors: Readonly<Record<string, string>>): string {
  return Object.entries(colors)
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');
}

/** The colors of both pictures and pages, as custom properties that follow the reader's light or dark mode. */
export const COLORS = `:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}`;

const LEVEL_STYLES = (['error', 'warning', 'info', 'repaired', 'skipped'] as const satisfies readonly Level[])
  .map((level) => `.chip.${level} rect{fill:var(--${level}-tint);stroke:var(--${level})}.chip.${level}{color:var(--${level})}`)
  .join('\n');

const CONDITION_STYLES = (['sound', 'doubtful', 'broken', 'unknown'] as const)
  .map((condition) => `.wire.${condition}{color:var(--${condition})}`)
  .join('\n');

/** How the shapes of the SVG look. */
export const SHAPES = `.graph{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;background:var(--canvas)}
.graph text{fill:var(--text)}
.graph .heading{font-size:12px;font-weight:600;fill:var(--muted)}
.graph .quiet,.graph .kind,.graph .detail{fill:var(--muted)}
.graph .kind{font-size:10.5px}
.graph .detail{font-size:11px}
.graph .name,.graph .detail,.chip,.mode{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.graph .name{font-size:13px;font-weight:600}
.node{outline:none}
.node>.body{fill:var(--panel);stroke:var(--border);stroke-width:1}
.node>.stripe{fill:none;stroke:none}
.node.error>.body{stroke:var(--error)}.node.error>.stripe{fill:var(--error)}
.node.warning>.body{stroke:var(--doubtful)}.node.warning>.stripe{fill:var(--doubtful)}
.node.unknown>.body{fill:var(--canvas);stroke:var(--unknown);stroke-dasharray:5 4}
.node.broken>.body{fill:var(--canvas);stroke:var(--broken);stroke-dasharray:5 4}
.node.unknown .name,.node.broken .name{font-style:italic}
.node:focus-visible>.body,.node:target>.body{stroke:var(--info);stroke-width:3;stroke-dasharray:none}
.link>path{fill:none;stroke:var(--link);stroke-width:1.5}
.wire>path{fill:none;stroke:currentColor;stroke-width:2.5}
.wire.doubtful>path{stroke-dasharray:9 4}
.wire.broken>path{stroke-dasharray:3 5}
.wire.unknown>path{stroke-dasharray:1 6;stroke-linecap:round}
.mode rect{fill:var(--canvas);stroke:currentColor;stroke-width:1.5}
.graph .mode text{fill:currentColor;font-size:11px;font-weight:600}
.cross circle{fill:var(--canvas);stroke:currentColor;stroke-width:1.5}
.cross path{fill:none;stroke:currentColor;stroke-width:2.5;stroke-linecap:round}
.chip rect{stroke-width:1}
.chip .icon{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.graph .chip text{fill:currentColor;font-size:11px;font-weight:600}
.part{transition:opacity .12s}
@media (prefers-reduced-motion:reduce){.part{transition:none}}
${LEVEL_STYLES}
${CONDITION_STYLES}`;
