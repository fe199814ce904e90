import type { AppError, ErrorCode } from '../core/errors.ts';

/** What the user wrote for us, and not what it is about. */
const OWN_MISTAKES: ReadonlySet<ErrorCode> = new Set(['USAGE', 'CONFIG_INVALID', 'SUITE_INVALID']);

/** The exit code that an error ends a command with. */
export function exitCodeFor({ code }: AppError): 2 | 3 {
  return OWN_MISTAKES.has(code) ? 2 : 3;
}
