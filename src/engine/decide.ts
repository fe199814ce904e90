import type { Evaluation } from './evaluate.ts';
import type { Finding } from './finding.ts';

/** The decision on one object. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why it is denied; empty when it is allowed. */
  readonly denials: readonly Finding[];
  /** What the user should know either way. */
  readonly warnings: readonly Finding[];
}

/**
 * | finding | verdict |
 * |---|---|
 * | `fail` | deny |
 * | `warn` of severity error or warning, `error` | warning |
 * | `warn` of severity info, `skip` | reports only |
 */
export function decide({ findings }: Evaluation): Verdict {
  const denials = findings.filter(({ status }) => status === 'fail');
  const warnings = findings.filter(({ status, severity }) => status === 'error' || (status === 'warn' && severity !== 'info'));
  return { allowed: denials.length === 0, denials, warnings };
}
