import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, describeError } from '../core/errors.ts';
import type { PairText } from './pair.ts';

/** The files of a certificates directory, named as in a Secret of type kubernetes.io/tls that cert-manager writes. */
export const CERTIFICATE_FILES = { ca: 'ca.crt', cert: 'tls.crt', key: 'tls.key' } as const;

/**
 * The texts in a directory, or `undefined` when it has neither certificate nor key.
 * @throws AppError CERTIFICATE_UNREADABLE when one of the two is missing, or a file cannot be read.
 */
export async function readFiles(directory: string): Promise<PairText | undefined> {
  const [ca, cert, key] = await Promise.all([
    readText(directory, CERTIFICATE_FILES.ca),
    readText(directory, CERTIFICATE_FILES.cert),
    readText(directory, CERTIFICATE_FILES.key),
  ]);
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [there, missing] =
      cert === undefined ? [CERTIFICATE_FILES.key, CERTIFICATE_FILES.cert] : [CERTIFICATE_FILES.cert, CERTIFICATE_FILES.key];
    throw new AppError('CERTIFICATE_UNREADABLE', `${directory} has ${there} but no ${missing}`, {
      hint: `add ${missing}, or remove ${there} to have both made`,
    });
  }
  return ca === undefined ? { cert, key } : { ca, cert, key };
}

/** The text of a file, `undefined` where there is none. @throws AppError CERTIFICATE_UNREADABLE */
export async function readText(directory: string, name: string): Promise<string | undefined> {
  const path = join(directory, name);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AppError('CERTIFICATE_UNREADABLE', `cannot read ${path}: ${describeError(cause)}`, {
      hint: 'it must be readable for this user',
      cause,
    });
  }
}

/**
 * Writes a pair so that no reader ever sees half a file; the key is readable for its owner only.
 * @throws AppError CERTIFICATE_UNREADABLE when the directory cannot be written.
 */
export async function writeFiles(directory: string, { ca, cert, key }: Required<PairText>): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await replaceFile(join(directory, CERTIFICATE_FILES.ca), ca, 0o644);
    await replaceFile(join(directory, CERTIFICATE_FILES.key), key, 0o600);
    await replaceFile(join(directory, CERTIFICATE_FILES.cert), cert, 0o644);
  } catch (cause) {
    const hint = 'choose another directory with --certs-dir';
    throw new AppError('CERTIFICATE_UNREADABLE', `cannot write certificates into ${directory}: ${describeError(cause)}`, { hint, cause });
  }
}

/** Writes a file at once: a reader sees the old text or the new one. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
