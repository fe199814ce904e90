import { catalogueJson, catalogueText } from '../catalogue/listing.ts';
import { catalogueMarkdown } from '../catalogue/markdown.ts';
import { RULES } from '../rules/index.ts';
import type { CommandIo, ExitCode } from './io.ts';

/** The flags of `vhostguard rules`. */
export interface RulesOptions {
  /** `markdown` is docs/rules.md. */
  readonly output: keyof typeof FORMATS;
}

const FORMATS = {
  text: catalogueText,
  json: catalogueJson,
  markdown: catalogueMarkdown,
} as const;

/** `vhostguard rules`: lists every rule. */
export function rules({ output }: RulesOptions, io: Pick<CommandIo, 'stdout'>): ExitCode {
  io.stdout.write(FORMATS[output](RULES));
  return 0;
}
