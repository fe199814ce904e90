import type { GatheredFile } from './gather.ts';
import type { CommandIo } from './io.ts';

/** Says on stderr what of a file could not be read. @returns true when there was something. */
export function reportUnread(file: GatheredFile, io: CommandIo): boolean {
  if (file.state === 'failed') {
    io.stderr.write(`${file.name}: ${file.error.message}${file.error.hint === undefined ? '' : `\n  hint: ${file.error.hint}`}\n`);
    return true;
  }
  for (const { line, column, message, hint } of file.content.errors) {
    io.stderr.write(`${file.name}:${line}:${column}: ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}\n`);
  }
  return file.content.errors.length > 0;
}
