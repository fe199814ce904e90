import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import { describeSystemError } from '../core/system-error.ts';

/** Largest text that is read, in bytes. Far above anything etcd takes; protects against a wrong path. */
export const LARGEST_BYTES = 64 * 1024 * 1024;

/** What standard input is called in findings. */
export const STDIN_NAME = '<stdin>';

const CHUNK_BYTES = 1024 * 1024;

/** A file's text; also that of a pipe, such as `<(helm template …)`. @throws AppError INPUT_UNREADABLE */
export function readText(path: string): string {
  try {
    return decode(readBytes(path));
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function readBytes(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file);
    if (stat.size > LARGEST_BYTES) throw tooLarge(`${Math.ceil(stat.size / 1024 / 1024)} MiB`);
    return stat.isFile() ? readFileSync(file) : readToLimit(file);
  } finally {
    closeSync(file);
  }
}

/** Pipes and devices do not tell their size, and some never end. */
function readToLimit(file: number): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= LARGEST_BYTES; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(file, chunk, 0, CHUNK_BYTES, null);
    if (length === 0) break;
    total += length;
    chunks.push(chunk.subarray(0, length));
  }
  return Buffer.concat(chunks);
}

/** All of a stream, or, of one that is too large, a little more than `decode` takes. */
export async function readStream(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > LARGEST_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** The text that bytes are. @throws AppError INPUT_UNREADABLE for one that is too large, and for what is no UTF-8 */
export function decode(bytes: Buffer): string {
  if (bytes.length > LARGEST_BYTES) throw tooLarge(`more than ${LARGEST_BYTES / 1024 / 1024} MiB`);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new AppError('INPUT_UNREADABLE', 'it is no UTF-8 text', { hint: 'save it as UTF-8, or leave it out' });
}

function tooLarge(size: string): AppError {
  return new AppError('INPUT_UNREADABLE', `it has ${size}, and at most ${LARGEST_BYTES / 1024 / 1024} MiB are read`, {
    hint: 'check that it is a manifest; if it is, split it',
  });
}

/** What the system said of a path, in words. */
export function unreadable(path: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('INPUT_UNREADABLE', describeSystemError(thrown), {
    hint: `check the path ${JSON.stringify(path)}`,
    cause: thrown,
  });
}
