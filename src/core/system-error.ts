import { describeError } from './errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of its path is a file and no directory',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  ELOOP: 'its symbolic links lead in a circle',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
};

/** What the operating system said of a file, in words; of any other error, its message. */
export function describeSystemError(thrown: unknown): string {
  const code = memberOf(thrown, 'code') ?? '';
  return REASONS[code] ?? describeError(thrown);
}

/** The same, after the file that it said it of; an error about no file as it is. */
export function describeFileError(thrown: unknown): string {
  const file = memberOf(thrown, 'path');
  return `${file === undefined ? '' : `${file}: `}${describeSystemError(thrown)}`;
}

function memberOf(thrown: unknown, name: 'code' | 'path'): string | undefined {
  const value = thrown instanceof Error && name in thrown ? (thrown as Error & Record<typeof name, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
