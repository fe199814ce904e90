import { formatGithub } from './github.ts';
import { formatJunit } from './junit.ts';
import { formatMarkdown } from './markdown.ts';
import { formatOpenReports } from './openreports.ts';
import type { Format } from './report.ts';
import { formatSarif } from './sarif.ts';
import { formatJson, formatYaml } from './structured.ts';
import { formatText } from './text.ts';
import { formatWgPolicy } from './wgpolicy.ts';

/** Every format that `check -o` writes. */
export const FORMATS = {
  text: formatText,
  json: formatJson,
  yaml: formatYaml,
  sarif: formatSarif,
  junit: formatJunit,
  github: formatGithub,
  markdown: formatMarkdown,
  openreports: formatOpenReports,
  wgpolicy: formatWgPolicy,
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** Whether one of these formats shows what a fix replaces in a file. */
export function showReplacements(names: readonly FormatName[]): boolean {
  return names.includes('sarif');
}
