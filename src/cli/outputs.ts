import { closeSync, openSync, writeFileSync } from 'node:fs';
import { AppError, describeError } from '../core/errors.ts';
import type { CommandIo } from './io.ts';

/** A text, whole or in pieces, and where it goes. */
export interface OutputText {
  readonly text: string | Iterable<string>;
  readonly file?: string | undefined;
}

/** Characters that are written at once: a report of 100,000 findings has as many pieces. */
const BATCH_LENGTH = 65_536;

/** Writes each text to its file, or to stdout. @throws AppError OUTPUT_UNWRITABLE */
export function writeOutputs(outputs: readonly OutputText[], io: CommandIo): void {
  for (const { text, file } of outputs) {
    const batches = batched(typeof text === 'string' ? [text] : text);
    if (file === undefined) for (const batch of batches) io.stdout.write(batch);
    else writeOutput(file, batches);
  }
}

function* batched(pieces: Iterable<string>): Generator<string> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH_LENGTH) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}

/** @throws AppError OUTPUT_UNWRITABLE */
function writeOutput(file: string, batches: Iterable<string>): void {
  try {
    const descriptor = openSync(file, 'w');
    try {
      for (const batch of batches) writeFileSync(descriptor, batch);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    throw new AppError('OUTPUT_UNWRITABLE', `cannot write ${file}: ${describeError(thrown)}`, {
      hint: 'check that the directory exists and may be written to',
      cause: thrown,
    });
  }
}
