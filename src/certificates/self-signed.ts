import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { describeError } from '../core/errors.ts';
import { readFiles, writeFiles } from './files.ts';
import { BACKDATED_MS, createAuthority, createLeaf } from './issue.ts';
import { type CertificatePair, type PairText, readPair } from './pair.ts';

/** Names that every development certificate has. */
export const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '::1'];

const CA_NAME = 'vhostguard development CA';
const DAY_MS = 24 * 60 * 60 * 1000;
const LIFETIME_MS = 365 * DAY_MS;
const RENEWAL_MS = 30 * DAY_MS;

/** A pair, and a note for the user when it was made just now. */
export interface EnsuredPair {
  readonly pair: CertificatePair;
  readonly note?: string;
}

/** What a development certificate has to satisfy. */
export interface SelfSignedOptions {
  readonly directory: string;
  /** Host names and IP addresses besides `LOCAL_HOSTS`. */
  readonly hosts: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The pair in `directory`. Where there is none, one is made; one that was made here and has expired, does not fit the hosts or is
 * broken is made again. A certificate of another issuer is never touched, whatever its state.
 *
 * @throws AppError CERTIFICATE_UNREADABLE when another issuer's pair is broken, or the directory cannot be read or written.
 */
export async function ensurePair({ directory, hosts, now }: SelfSignedOptions): Promise<EnsuredPair> {
  const text = await readFiles(directory);
  const wanted = [...new Set([...LOCAL_HOSTS, ...hosts])];
  if (text === undefined) return make(directory, wanted, now, `made a development certificate in ${directory}`);
  const renewal = judge(text, wanted, now);
  if (renewal === undefined) return { pair: readPair(text) };
  return make(directory, wanted, now, `renewed the development certificate in ${directory}: ${renewal}`);
}

async function make(directory: string, hosts: readonly string[], now: number, note: string): Promise<EnsuredPair> {
  const text = await createPair(hosts, now);
  await writeFiles(directory, text);
  return { pair: readPair(text), note };
}

/** Why our own certificate must be made again; `undefined` for one that is good, and for any of another issuer. */
function judge(text: PairText, hosts: readonly string[], now: number): string | undefined {
  if (!isOurs(text.cert)) return undefined;
  let leaf: X509Certificate;
  let issuers: readonly X509Certificate[];
  try {
    leaf = readPair(text).leaf;
    issuers = issuersIn(text.ca ?? '');
  } catch (thrown) {
    return describeError(thrown);
  }
  if (text.ca === undefined) return 'ca.crt was missing';
  if (!issuers.some(({ publicKey }) => leaf.verify(publicKey))) return 'ca.crt was not the issuer of tls.crt';
  if (Date.parse(leaf.validTo) - now < RENEWAL_MS) return `it was valid until ${leaf.validTo}`;
  const missing = hosts.find((host) => (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) === undefined);
  return missing === undefined ? undefined : `it did not cover ${missing}`;
}

/** While one authority takes over from another, both are trusted: the issuer need not be the first. */
function issuersIn(bundle: string): X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** The leaf decides, so that a pair that somebody put beside our `ca.crt` is safe. */
function isOurs(cert: string): boolean {
  try {
    return new X509Certificate(cert).issuer.startsWith(`CN=${CA_NAME} `);
  } catch {
    return false;
  }
}

/**
 * A new CA and a server certificate of it, ECDSA P-256 and SHA-256, valid for a year. The CA's key is thrown away: it can sign nothing
 * else, so that trusting `ca` is harmless.
 */
export async function createPair(hosts: readonly string[], now: number): Promise<Required<PairText>> {
  const validity = { fromMs: now - BACKDATED_MS, toMs: now + LIFETIME_MS };
  const authority = await createAuthority(CA_NAME, validity);
  return { ca: authority.cert, ...(await createLeaf(authority, hosts, validity)) };
}
