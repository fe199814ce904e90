import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CERTIFICATE_FILES, readText, replaceFile, writeFiles } from '../certificates/files.ts';
import { AppError, describeError } from '../core/errors.ts';
import type { CertificateStore } from './certificate-store.ts';

/** The controller's own directory in the certificates directory, for what no webhook may read. */
const OWN_DIRECTORY = 'controller';
const AUTHORITY_FILES = { cert: 'ca.crt', key: 'ca.key' } as const;

/** Certificates in a directory that `vhostguard serve` watches; the authority's key is in a directory of its own in it. */
export function createDirectoryStore(directory: string): CertificateStore {
  const own = join(directory, OWN_DIRECTORY);
  return {
    place: directory,
    read: async () => {
      const [ca, cert, key, authorityCert, authorityKey] = await Promise.all([
        readText(directory, CERTIFICATE_FILES.ca),
        readText(directory, CERTIFICATE_FILES.cert),
        readText(directory, CERTIFICATE_FILES.key),
        readText(own, AUTHORITY_FILES.cert),
        readText(own, AUTHORITY_FILES.key),
      ]);
      return { authority: { cert: authorityCert, key: authorityKey }, serving: { ca, cert, key } };
    },
    writeAuthority: async ({ cert, key }) => {
      try {
        await mkdir(own, { recursive: true, mode: 0o700 });
        await replaceFile(join(own, AUTHORITY_FILES.key), key, 0o600);
        await replaceFile(join(own, AUTHORITY_FILES.cert), cert, 0o644);
        return true;
      } catch (cause) {
        const hint = 'choose another directory with --certs-dir';
        throw new AppError('CERTIFICATE_UNREADABLE', `cannot write certificates into ${own}: ${describeError(cause)}`, { hint, cause });
      }
    },
    writeServing: async (serving) => {
      await writeFiles(directory, serving);
      return true;
    },
  };
}
