import { CERTIFICATE_FILES } from '../certificates/files.ts';
import { ensurePair } from '../certificates/self-signed.ts';

/** The flags of `vhostguard certs`. */
export interface CertsOptions {
  readonly certsDir: string;
  /** Host names and IP addresses besides localhost. */
  readonly hosts: readonly string[];
}

/**
 * Makes development certificates where there are none that are good, and says what it did.
 * @throws AppError CERTIFICATE_UNREADABLE when the directory cannot be read or written, or holds another issuer's broken pair.
 */
export async function certs({ certsDir, hosts }: CertsOptions, stdout: { write(text: string): unknown }): Promise<void> {
  const { pair, note } = await ensurePair({
    directory: certsDir,
    hosts,
    now: Date.now(),
  });
  const { ca, cert, key } = CERTIFICATE_FILES;
  const names = (pair.leaf.subjectAltName ?? '').replaceAll(/(DNS|IP Address):/g, '');
  stdout.write(
    `${note ?? `kept the certificate in ${certsDir}`}\n${ca}, ${cert} and ${key} are for ${names}, valid until ${pair.leaf.validTo}\n`,
  );
}
