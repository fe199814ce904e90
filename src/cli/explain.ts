import { explainRule } from '../catalogue/explain.ts';
import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { RULES } from '../rules/index.ts';
import type { CommandIo, ExitCode } from './io.ts';

/** The argument of `vhostguard explain`. */
export interface ExplainOptions {
  /** An id or a name, letter case aside. */
  readonly rule: string;
}

/**
 * `vhostguard explain`: everything about one rule.
 * @throws AppError USAGE when there is no such rule.
 */
export function explain({ rule }: ExplainOptions, io: Pick<CommandIo, 'stdout'>): ExitCode {
  const wanted = rule.toLowerCase();
  const found = RULES.find(({ meta }) => meta.id.toLowerCase() === wanted || meta.name === wanted);
  if (found === undefined) throw unknownRule(rule);
  io.stdout.write(explainRule(found.meta));
  return 0;
}

function unknownRule(rule: string): AppError {
  const meant = nearest(
    rule,
    RULES.flatMap(({ meta }) => [meta.name, meta.id]),
  );
  const hint = meant === undefined ? '"vhostguard rules" lists them all' : `did you mean "${meant}"? "vhostguard rules" lists them all`;
  return new AppError('USAGE', `there is no rule ${quote(rule)}`, { hint });
}
