import { AppError, describeError } from '../core/errors.ts';
import { describeFileError } from '../core/system-error.ts';

/** A part that could not be read, with why. It says nothing of what is there: a rule that needs it skips. */
export interface Unread {
  readonly unknown: string;
}

/** A part as it was found, or why it is not known. */
export type Known<T> = T | Unread;

/** What `read` gives, or why it could not. A defect of this program is thrown on. */
export function known<T>(read: () => T): Known<T> {
  try {
    return read();
  } catch (thrown) {
    return unread(thrown);
  }
}

/** A failure to read as a part of the snapshot. @throws whatever is neither an `AppError` nor an error of the system */
export function unread(thrown: unknown): Unread {
  if (thrown instanceof AppError) return { unknown: describeError(thrown) };
  if (systemCode(thrown) === undefined) throw thrown;
  return { unknown: describeFileError(thrown) };
}

/** `ENOENT` and the like; `undefined` for errors that are not the operating system's. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && 'errno' in thrown ? thrown.code : undefined;
}

/** True for a part that was read. */
export function isKnown<T>(part: Known<T>): part is T {
  return !(typeof part === 'object' && part !== null && 'unknown' in part);
}
