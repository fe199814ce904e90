import type { Evaluation } from './evaluate.ts';
import type { Finding } from './finding.ts';

/** The decision on one object. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why it is denied; empty when it is allowed. */
  readonly denials: readonly Finding[];
  /** What the user should know either way. */
  readonly warnings: readonly Finding[];
  /** What neither denies nor warns, because an exemption covers it. */
  readonly exempt: readonly Finding[];
}

/**
 * | finding | verdict |
 * |---|---|
 * | `fail` | deny |
 * | `warn` of severity error or warning, `error` | warning |
 * | `warn` of severity info, `skip` | reports only; what is exempt, also in the audit log |
 */
export function decide({ findings }: Evaluation): Verdict {
  const denials = findings.filter(({ status }) => status === 'fail');
  const warnings = findings.filter(({ status, severity }) => status === 'error' || (status === 'warn' && severity !== 'info'));
  const exempt = findings.filter(({ exemptedBy }) => exemptedBy !== undefined);
  return { allowed: denials.length === 0, denials, warnings, exempt };
}
