import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate authority: what it signs with. Both in PEM. */
export interface Authority {
  readonly cert: string;
  readonly key: string;
}

/** Milliseconds since 1970. */
export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long before it is made a certificate begins: clients with a clock that is behind accept it too. */
export const BACKDATED_MS = 60 * 60 * 1000;

/** A new certificate authority, ECDSA P-256 and SHA-256. Its name is `name` and a random number. */
export async function createAuthority(name: string, validity: Validity): Promise<Authority> {
  const selfsigned = await loadSelfsigned();
  // A name of its own: OpenSSL finds an issuer by name, and would try the wrong one of two in a bundle.
  const commonName = `${name} ${randomBytes(4).toString('hex')}`;
  const made = await selfsigned.generate([{ name: 'commonName', value: commonName }], {
    ...common(validity),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: closed(made.cert), key: closed(made.private) };
}

/** A new server certificate for host names and IP addresses, ECDSA P-256 and SHA-256, with its key. */
export async function createLeaf(authority: Authority, hosts: readonly string[], validity: Validity): Promise<Authority> {
  const selfsigned = await loadSelfsigned();
  const made = await selfsigned.generate([{ name: 'commonName', value: 'vhostguard' }], {
    ...common(validity),
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: hosts.map((host) => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host })) },
    ],
  });
  return { cert: closed(made.cert), key: closed(made.private) };
}

/** Loaded only when it is needed: it takes longer than the rest of the start. */
async function loadSelfsigned() {
  return (await import('selfsigned')).default;
}

function common({ fromMs, toMs }: Validity) {
  // The default is SHA-1, which OpenSSL and Go refuse.
  return { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', notBeforeDate: new Date(fromMs), notAfterDate: new Date(toMs) } as const;
}

/** Ends the text with a newline, without which two certificates in one file are none. */
function closed(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
