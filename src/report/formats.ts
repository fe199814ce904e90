import type { Format } from './report.ts';
import { formatJson, formatYaml } from './structured.ts';
import { formatText } from './text.ts';

/** Every format that `check -o` writes. */
export const FORMATS = {
  text: formatText,
  json: formatJson,
  yaml: formatYaml,
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
