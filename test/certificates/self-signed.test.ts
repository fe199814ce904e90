import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFiles, writeFiles } from '../../src/certificates/files.ts';
import { createPair, ensurePair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = Date.now();
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

async function ensure(directory: string, hosts: readonly string[] = [], now: number = NOW): ReturnType<typeof ensurePair> {
  return ensurePair({ directory, hosts, now });
}

describe('a development certificate', () => {
  test('is ECDSA P-256 with SHA-256, signed by its CA, for a server of these names', async () => {
    const { ca, cert } = await createPair([...LOCAL_HOSTS, 'vhostguard.kubevirt.svc', '10.0.0.7'], NOW);
    const [issuer, leaf] = [new X509Certificate(ca), new X509Certificate(cert)];
    expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    // 1.2.840.10045.4.3.2, ecdsa-with-SHA256
    expect([issuer, leaf].map(({ raw }) => raw.includes(Buffer.from('06082a8648ce3d040302', 'hex')))).toEqual([true, true]);
    expect(issuer.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(['localhost', 'vhostguard.kubevirt.svc'].map((host) => leaf.checkHost(host))).not.toContain(undefined);
    expect(['127.0.0.1', '::1', '10.0.0.7'].map((address) => leaf.checkIP(address))).not.toContain(undefined);
    expect(leaf.checkHost('example.org')).toBeUndefined();
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  test('has a new serial number and a CA of another name every time', async () => {
    const issuers = await Promise.all([1, 2].map(async () => new X509Certificate((await createPair(LOCAL_HOSTS, NOW)).ca).subject));
    expect(issuers[0]).not.toBe(issuers[1]);
    const serials = await Promise.all(
      [1, 2, 3].map(async () => new X509Certificate((await createPair(LOCAL_HOSTS, NOW)).cert).serialNumber),
    );
    expect(new Set(serials).size).toBe(3);
  });
});

describe('ensurePair', () => {
  test('makes a pair where there is none, the key for its owner only, and leaves no other file', async () => {
    const directory = join(temporaryDirectory(), 'deep', 'certs');
    const { note } = await ensure(directory);
    expect(note).toBe(`made a development certificate in ${directory}`);
    expect(readdirSync(directory).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(statSync(join(directory, 'tls.key')).mode & 0o777).toBe(0o600);
  });

  test('keeps a good pair', async () => {
    const directory = temporaryDirectory();
    const first = await ensure(directory, ['a.example']);
    const second = await ensure(directory);
    expect(second.note).toBeUndefined();
    expect(second.pair.cert).toBe(first.pair.cert);
  });

  test('keeps a pair while its CA is trusted beside the one that a controller put before it', async () => {
    const directory = temporaryDirectory();
    const { pair } = await ensure(directory);
    const { ca } = await createPair(LOCAL_HOSTS, NOW);
    writeFileSync(join(directory, 'ca.crt'), `${ca}${pair.ca}`);
    const second = await ensure(directory);
    expect(second.note).toBeUndefined();
    expect(second.pair.cert).toBe(pair.cert);
  });

  test.for<[string, RegExp, (directory: string) => Promise<{ hosts?: string[]; now?: number } | undefined>]>([
    ['about to expire', /: it was valid until /, async () => ({ now: NOW + YEAR_MS - 29 * 24 * 60 * 60 * 1000 })],
    ['not for this host', /: it did not cover b\.example$/, async () => ({ hosts: ['b.example'] })],
    [
      'with the key of another',
      /: tls\.key is not the key of tls\.crt$/,
      async (directory) => void writeFileSync(join(directory, 'tls.key'), (await createPair(LOCAL_HOSTS, NOW)).key),
    ],
    [
      'with the CA of another',
      /: ca\.crt was not the issuer of tls\.crt$/,
      async (directory) => void writeFileSync(join(directory, 'ca.crt'), (await createPair(LOCAL_HOSTS, NOW)).ca),
    ],
    ['without its CA', /: ca\.crt was missing$/, async (directory) => rmSync(join(directory, 'ca.crt')) as undefined],
  ])('renews its own pair when it is %s', async ([, note, spoil]) => {
    const directory = temporaryDirectory();
    const before = await ensure(directory);
    const { hosts = [], now = NOW } = (await spoil(directory)) ?? {};
    const after = await ensure(directory, hosts, now);
    expect(after.note).toMatch(note);
    expect(after.pair.cert).not.toBe(before.pair.cert);
    expect((await ensure(directory, hosts, now)).note).toBeUndefined();
  });

  test.for<[string, RegExp, Record<string, string | undefined>]>([
    ['a certificate that is no PEM', /^tls\.crt is unusable: /, { 'tls.crt': 'x' }],
    ['a key that is no PEM', /^tls\.key is unusable: /, { 'tls.key': '' }],
    ['a key but no certificate', / has tls\.key but no tls\.crt$/, { 'tls.crt': undefined }],
    ['a certificate but no key', / has tls\.crt but no tls\.key$/, { 'tls.key': undefined }],
  ])('refuses %s and overwrites nothing', async ([, message, files]) => {
    const directory = temporaryDirectory();
    await foreignPair(directory);
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) rmSync(join(directory, name));
      else writeFileSync(join(directory, name), text);
    }
    const before = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
    await expect(ensure(directory)).rejects.toMatchObject({
      code: 'CERTIFICATE_UNREADABLE',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
    expect(readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'))).toEqual(before);
  });

  test('makes a pair again whose bundle of authorities is torn behind the first', async () => {
    const directory = temporaryDirectory();
    await ensure(directory);
    const ca = readFileSync(join(directory, 'ca.crt'), 'utf8');
    writeFileSync(join(directory, 'ca.crt'), `${ca}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`);
    expect((await ensure(directory)).note).toContain('renewed the development certificate');
    expect((await ensure(directory)).note).toBeUndefined();
  });

  test("never touches another issuer's pair, even one that has expired", async () => {
    const directory = temporaryDirectory();
    await foreignPair(directory);
    const before = await readFiles(directory);
    const { note } = await ensure(directory, ['elsewhere.example'], NOW + 2 * YEAR_MS);
    expect(note).toBeUndefined();
    expect(await readFiles(directory)).toEqual(before);
  });

  test('says which directory cannot be written', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    await expect(ensure(join(file, 'certs'))).rejects.toMatchObject({
      code: 'CERTIFICATE_UNREADABLE',
      message: expect.stringContaining(file),
    });
  });
});

/** A pair that no CA of ours signed. */
async function foreignPair(directory: string): Promise<void> {
  const { default: selfsigned } = await import('selfsigned');
  const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: 'corporate' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  await writeFiles(directory, { ca: cert, cert, key });
}
