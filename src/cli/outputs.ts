import { writeFileSync } from 'node:fs';
import { AppError, describeError } from '../core/errors.ts';
import type { CommandIo } from './io.ts';

/** Writes each text to its file, or to stdout. @throws AppError OUTPUT_UNWRITABLE */
export function writeOutputs(
  outputs: readonly {
    readonly text: string;
    readonly file?: string | undefined;
  }[],
  io: CommandIo,
): void {
  for (const { text, file } of outputs) {
    if (file === undefined) io.stdout.write(text);
    else writeOutput(file, text);
  }
}

/** @throws AppError OUTPUT_UNWRITABLE */
function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (thrown) {
    throw new AppError('OUTPUT_UNWRITABLE', `cannot write ${file}: ${describeError(thrown)}`, {
      hint: 'check that the directory exists and may be written to',
      cause: thrown,
    });
  }
}
