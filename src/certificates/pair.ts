import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AppError, describeError } from '../core/errors.ts';

/** A serving certificate, its key and what they say of themselves. */
export interface CertificatePair {
  /** The chain in PEM, leaf first. */
  readonly cert: string;
  /** The private key in PEM. */
  readonly key: string;
  /** The certificate that clients trust, in PEM; absent where the directory has no `ca.crt`. */
  readonly ca?: string;
  /** The leaf. */
  readonly leaf: X509Certificate;
}

/** The files of a certificate in PEM, as a Secret of type kubernetes.io/tls holds them. */
export interface PairText {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Reads certificate and key and proves that they belong together.
 * @throws AppError CERTIFICATE_UNREADABLE when one of them cannot be used, or the key is another certificate's.
 */
export function readPair({ cert, key, ca }: PairText): CertificatePair {
  const leaf = parse('tls.crt', () => new X509Certificate(cert));
  const privateKey: KeyObject = parse('tls.key', () => createPrivateKey(key));
  if (ca !== undefined) parse('ca.crt', () => new X509Certificate(ca));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new AppError('CERTIFICATE_UNREADABLE', 'tls.key is not the key of tls.crt', { hint: 'replace both files together' });
  }
  // OpenSSL has demands of its own, like a key that is long enough; better to hear of them here than when serving.
  parse('tls.crt', () => createSecureContext({ cert, key }));
  return ca === undefined ? { cert, key, leaf } : { cert, key, ca, leaf };
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // OpenSSL's own words ("bad base64 decode", "no start line") tell a torn file from a wrong one.
    throw new AppError('CERTIFICATE_UNREADABLE', `${file} is unusable: ${describeError(cause)}`, { hint: 'replace the file', cause });
  }
}

/** When a certificate ends, in seconds since 1970. */
export function notAfterSeconds(certificate: X509Certificate): number {
  return Math.floor(Date.parse(certificate.validTo) / 1000);
}
