import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type Authority, BACKDATED_MS, createAuthority, createLeaf } from '../certificates/issue.ts';
import { readPair } from '../certificates/pair.ts';
import { describeError } from '../core/errors.ts';
import type { ServingCertificate, StoredCertificates } from './certificate-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_LIFETIME_MS = 365 * DAY_MS;
const LEAF_LIFETIME_MS = 90 * DAY_MS;

/**
 * How long a new authority is trusted before it signs, and an old one after it signed last, in milliseconds: the API server learns of a
 * `caBundle` in seconds, a kubelet of a Secret in two minutes.
 */
export const OVERLAP_MS = 10 * 60 * 1000;

/** The name of every authority that is made here; that of development certificates begins so too. */
const AUTHORITY_NAME = 'vhostguard CA';
const OUR_ISSUERS = 'CN=vhostguard ';

/** What certificates have to satisfy. */
export interface CertificateDemand {
  readonly hosts: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Authorities that webhooks may still serve with, although the store has lost them. */
  readonly remembered?: string | undefined;
}

/** What to keep, and what of it is new. */
export interface CertificatePlan {
  readonly serving: ServingCertificate;
  /** To be stored before `serving`; absent when the stored one stays. */
  readonly newAuthority?: Authority;
  readonly isServingNew: boolean;
  /** What is new and why, for the log. */
  readonly notes: readonly string[];
}

/**
 * What the stored certificates must become, so that webhooks always serve with what the API server trusts already. Authority and leaf
 * are renewed with a third of their life left:
 *
 * | authority      | leaf                      | then                                                        |
 * |----------------|---------------------------|-------------------------------------------------------------|
 * | good           | good                      | nothing                                                     |
 * | good           | ending, other hosts       | new leaf                                                    |
 * | ending or lost | good                      | new authority, trusted beside the old one; the leaf stays   |
 * | new            | good, of the old one      | after `OVERLAP_MS` a new leaf                               |
 * | good           | of it, for `OVERLAP_MS`   | older authorities are trusted no more                       |
 * | any            | none, broken or expired   | a new leaf at once: there is nothing to lose                |
 */
export async function planCertificates(
  stored: StoredCertificates,
  { hosts, now, remembered = '' }: CertificateDemand,
): Promise<CertificatePlan> {
  const notes: string[] = [];
  const authorityFault = judgeAuthority(stored.authority, now);
  const isNew = authorityFault !== undefined;
  const authority = isNew ? await newAuthority(now) : (stored.authority as Authority);
  if (isNew) notes.push(`made a certificate authority: ${authorityFault}`);
  const trusted = distinct([authority.cert, ...unexpired(`${stored.serving?.ca ?? ''}\n${remembered}`, now)]);
  const leaf = judgeLeaf(stored.serving, { trusted, hosts, now });
  if (leaf.state === 'good' && !isDue(leaf, authority, now)) {
    const { cert, key } = leaf;
    const ca = (leaf.isOf(authority.cert) && isSettled(leaf.certificate, now) ? [authority.cert] : trusted.slice(0, 3)).join('');
    return { serving: { ca, cert, key }, ...(isNew && { newAuthority: authority }), isServingNew: ca !== stored.serving?.ca, notes };
  }
  notes.push(`made a serving certificate: ${leaf.state === 'good' ? dueReason(leaf, authority) : leaf.fault}`);
  const made = await newLeaf(authority, hosts, now);
  return { serving: { ca: trusted.slice(0, 3).join(''), ...made }, ...(isNew && { newAuthority: authority }), isServingNew: true, notes };
}

/** True for a serving certificate that another issuer made: it is used, and never replaced. */
export function isForeign({ authority, serving }: StoredCertificates): boolean {
  if (serving?.cert === undefined) return false;
  const leaf = parse(serving.cert);
  if (leaf !== undefined) return !leaf.issuer.startsWith(OUR_ISSUERS);
  const ca = parse(serving.ca ?? '');
  return authority?.key === undefined && !ca?.subject.startsWith(OUR_ISSUERS);
}

function newAuthority(now: number): Promise<Authority> {
  return createAuthority(AUTHORITY_NAME, { fromMs: now - BACKDATED_MS, toMs: now + AUTHORITY_LIFETIME_MS });
}

function newLeaf(authority: Authority, hosts: readonly string[], now: number): Promise<Authority> {
  const toMs = Math.min(now + LEAF_LIFETIME_MS, Date.parse(new X509Certificate(authority.cert).validTo));
  return createLeaf(authority, hosts, { fromMs: now - BACKDATED_MS, toMs });
}

/** Why an authority must be made again; `undefined` for a good one. */
function judgeAuthority(stored: StoredCertificates['authority'], now: number): string | undefined {
  if (stored?.cert === undefined || stored.key === undefined) return 'there was none';
  try {
    const certificate = new X509Certificate(stored.cert);
    if (!certificate.ca) return 'the one before cannot sign';
    if (!certificate.checkPrivateKey(createPrivateKey(stored.key))) return 'the key was not that of the certificate';
    return isEnding(certificate, now) ? `the one before was valid until ${certificate.validTo}` : undefined;
  } catch (thrown) {
    return `the one before was unusable: ${describeError(thrown)}`;
  }
}

interface GoodLeaf {
  readonly state: 'good';
  readonly cert: string;
  readonly key: string;
  readonly certificate: X509Certificate;
  readonly isOf: (authority: string) => boolean;
  readonly missing: string | undefined;
}

interface Trust {
  readonly trusted: readonly string[];
  readonly hosts: readonly string[];
  readonly now: number;
}

function judgeLeaf(
  stored: StoredCertificates['serving'],
  { trusted, hosts, now }: Trust,
): GoodLeaf | { readonly state: 'bad'; readonly fault: string } {
  const bad = (fault: string) => ({ state: 'bad', fault }) as const;
  if (stored?.cert === undefined || stored.key === undefined) return bad('there was none');
  const { cert, key } = stored;
  let certificate: X509Certificate;
  try {
    certificate = readPair({ cert, key }).leaf;
  } catch (thrown) {
    return bad(describeError(thrown));
  }
  const isOf = (authority: string): boolean => certificate.verify(new X509Certificate(authority).publicKey);
  if (!trusted.some(isOf)) return bad('no trusted authority signed the one before');
  if (Date.parse(certificate.validTo) <= now) return bad(`the one before expired at ${certificate.validTo}`);
  const missing = hosts.find((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) === undefined);
  return { state: 'good', cert, key, certificate, isOf, missing };
}

/** True when a leaf that still works is to be replaced: not before its new authority is known well enough. */
function isDue(leaf: GoodLeaf, authority: Authority, now: number): boolean {
  if (!leaf.isOf(authority.cert)) return isSettled(new X509Certificate(authority.cert), now);
  return leaf.missing !== undefined || isEnding(leaf.certificate, now);
}

function dueReason({ missing, isOf, certificate }: GoodLeaf, authority: Authority): string {
  if (missing !== undefined) return `the one before did not cover ${missing}`;
  if (!isOf(authority.cert)) return 'the one before was of an older authority';
  return `the one before was valid until ${certificate.validTo}`;
}

function isEnding({ validFrom, validTo }: X509Certificate, now: number): boolean {
  const end = Date.parse(validTo);
  return end - now < (end - Date.parse(validFrom)) / 3;
}

function isSettled({ validFrom }: X509Certificate, now: number): boolean {
  return now - (Date.parse(validFrom) + BACKDATED_MS) >= OVERLAP_MS;
}

/** The certificates of a bundle that are still good for something. */
function unexpired(bundle: string | undefined, now: number): string[] {
  const blocks = bundle?.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    const certificate = parse(block);
    return certificate?.ca === true && Date.parse(certificate.validTo) > now ? [`${block}\n`] : [];
  });
}

function distinct(certificates: readonly string[]): string[] {
  return [...new Map(certificates.map((pem) => [parse(pem)?.fingerprint256, pem])).values()];
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
