/** What kind of thing went wrong, for exit codes and documentation. */
export type ErrorCode =
  | 'USAGE'
  | 'CONFIG_INVALID'
  | 'SUITE_INVALID'
  | 'INPUT_UNREADABLE'
  | 'INPUT_SYNTAX'
  | 'NOT_REWRITABLE'
  | 'OUTPUT_UNWRITABLE'
  | 'CLUSTER_UNREACHABLE'
  | 'CERTIFICATE_UNREADABLE'
  | 'LISTEN_FAILED';

/** An operational error: what happened and where, and in `hint` what to do. Rendered without a stack trace. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** One line for any thrown value. An `Error` under `JSON.stringify` is `{}`, so never use that. */
export function describeError(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === '' ? thrown.name : thrown.message;
  return typeof thrown === 'string' ? thrown : String(thrown);
}
