import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readPair } from '../../src/certificates/pair.ts';
import { createPair, ensurePair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { CertificateKeeper } from '../../src/controller/certificate-keeper.ts';
import { OVERLAP_MS } from '../../src/controller/certificate-plan.ts';
import type { CertificateStore } from '../../src/controller/certificate-store.ts';
import { createDirectoryStore } from '../../src/controller/directory-store.ts';
import { createSecretStore, SECRETS } from '../../src/controller/secret-store.ts';
import { recordingLogger, sendTo } from '../support/controller.ts';
import { startFakeApiServer } from '../support/fake-api-server/server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

interface Kept {
  readonly directory: string;
  readonly lines: readonly string[];
  at(ms: number): Promise<Snapshot>;
}

/** What webhooks serve with and what is trusted, after one look. */
interface Snapshot {
  readonly leaf: X509Certificate;
  readonly trusted: readonly X509Certificate[];
}

function keepIn(directory: string, hosts: readonly string[] = LOCAL_HOSTS): Kept {
  const { logger, lines } = recordingLogger();
  let now = NOW;
  const store = createDirectoryStore(directory);
  const keeper = new CertificateKeeper({ store, hosts, logger, metrics: { certificate: () => undefined }, now: () => now });
  return {
    directory,
    lines,
    at: async (ms) => {
      now = ms;
      return snapshot(await keeper.ensure(), store);
    },
  };
}

async function snapshot(bundle: string, store: CertificateStore): Promise<Snapshot> {
  const { serving } = await store.read();
  expect(serving?.ca).toBe(bundle);
  const { leaf } = readPair({ cert: serving?.cert ?? '', key: serving?.key ?? '' });
  const trusted = bundle.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem));
  expect(trusted.filter((authority) => leaf.verify(authority.publicKey))).toHaveLength(1);
  return { leaf, trusted };
}

describe('certificates in a directory', () => {
  test('are made once, ECDSA P-256, and the key of the authority is for its owner, where no webhook looks', async () => {
    const kept = keepIn(temporaryDirectory());
    const { leaf, trusted } = await kept.at(NOW);
    expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(leaf.checkIP('127.0.0.1')).toBeDefined();
    expect(trusted).toHaveLength(1);
    expect(statSync(join(kept.directory, 'controller', 'ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(kept.directory, 'controller')).mode & 0o777).toBe(0o700);
    expect(kept.lines).toEqual([
      `info: ${kept.directory}: made a certificate authority: there was none`,
      `info: ${kept.directory}: made a serving certificate: there was none`,
    ]);
    const later = await keepIn(kept.directory).at(NOW + DAY_MS);
    expect(later.leaf.raw.equals(leaf.raw)).toBe(true);
  });

  test('the leaf is renewed when a third of its life is left, by the same authority', async () => {
    const kept = keepIn(temporaryDirectory());
    const first = await kept.at(NOW);
    expect((await kept.at(NOW + 59 * DAY_MS)).leaf.serialNumber).toBe(first.leaf.serialNumber);
    const renewed = await kept.at(NOW + 61 * DAY_MS);
    expect(renewed.leaf.serialNumber).not.toBe(first.leaf.serialNumber);
    expect(renewed.trusted.map(({ subject }) => subject)).toEqual(first.trusted.map(({ subject }) => subject));
    expect(kept.lines.at(-1)).toMatch(/: made a serving certificate: the one before was valid until /);
  });

  test('a new authority is trusted beside the old one before it signs, and the old one until nobody serves with it', async () => {
    const kept = keepIn(temporaryDirectory());
    const old = await kept.at(NOW);
    await kept.at(NOW + 200 * DAY_MS);
    const before = await kept.at(NOW + 243 * DAY_MS);
    expect(before.trusted).toHaveLength(1);
    const due = NOW + 244 * DAY_MS;
    const both = await kept.at(due);
    expect(both.trusted).toHaveLength(2);
    expect(both.trusted[1]?.subject).toBe(old.trusted[0]?.subject);
    expect(both.leaf.serialNumber).toBe(before.leaf.serialNumber);
    const signed = await kept.at(due + OVERLAP_MS);
    expect(signed.leaf.verify(signed.trusted[0]?.publicKey as never)).toBe(true);
    expect(signed.trusted).toHaveLength(2);
    const alone = await kept.at(due + 2 * OVERLAP_MS);
    expect(alone.trusted.map(({ subject }) => subject)).toEqual([both.trusted[0]?.subject]);
    expect(alone.leaf.serialNumber).toBe(signed.leaf.serialNumber);
  });

  test.for<[string, RegExp, (directory: string) => void]>([
    ['tls.crt is deleted', /there was none$/, (directory) => rmSync(join(directory, 'tls.crt'))],
    ['tls.key is garbage', /tls\.key is unusable: /, (directory) => writeFileSync(join(directory, 'tls.key'), 'x')],
    [
      'tls.crt is cut off',
      /tls\.crt is unusable: /,
      (directory) => writeFileSync(join(directory, 'tls.crt'), '-----BEGIN CERTIFICATE-----\nMIIB'),
    ],
  ])('a leaf is made anew by the same authority when %s', async ([, note, spoil]) => {
    const kept = keepIn(temporaryDirectory());
    const before = await kept.at(NOW);
    spoil(kept.directory);
    const after = await kept.at(NOW + DAY_MS);
    expect(after.leaf.serialNumber).not.toBe(before.leaf.serialNumber);
    expect(after.trusted.map(({ subject }) => subject)).toEqual(before.trusted.map(({ subject }) => subject));
    expect(kept.lines.at(-1)).toMatch(note);
  });

  test('when everything is deleted, the lost authority stays trusted for webhooks that still serve with it', async () => {
    const kept = keepIn(temporaryDirectory());
    const before = await kept.at(NOW);
    rmSync(kept.directory, { recursive: true });
    const after = await kept.at(NOW + DAY_MS);
    expect(after.trusted.map(({ subject }) => subject)).toEqual([expect.any(String), before.trusted[0]?.subject]);
  });

  test('an authority without its key is replaced, and its leaf serves on meanwhile', async () => {
    const kept = keepIn(temporaryDirectory());
    const before = await kept.at(NOW);
    writeFileSync(join(kept.directory, 'controller', 'ca.key'), (await createPair(LOCAL_HOSTS, NOW)).key);
    const after = await kept.at(NOW + DAY_MS);
    expect(after.leaf.serialNumber).toBe(before.leaf.serialNumber);
    expect(after.trusted).toHaveLength(2);
    expect(kept.lines.at(-1)).toMatch(/made a certificate authority: the key was not that of the certificate$/);
  });

  test('an expired leaf and an expired authority are made anew at once', async () => {
    const kept = keepIn(temporaryDirectory());
    await kept.at(NOW);
    const after = await kept.at(NOW + 400 * DAY_MS);
    expect(Date.parse(after.leaf.validTo)).toBeGreaterThan(NOW + 400 * DAY_MS);
    expect(after.trusted).toHaveLength(1);
  });

  test('a development certificate that `vhostguard serve` made before is trusted until it is replaced', async () => {
    const directory = temporaryDirectory();
    const { pair } = await ensurePair({ directory, hosts: [], now: NOW });
    const kept = keepIn(directory);
    const first = await kept.at(NOW);
    expect(first.leaf.raw.equals(pair.leaf.raw)).toBe(true);
    expect(first.trusted).toHaveLength(2);
    expect((await kept.at(NOW + OVERLAP_MS)).leaf.issuer).toMatch(/^CN=vhostguard CA /);
  });

  test('the certificate of another issuer is trusted by its ca.crt and never replaced, even when it has expired', async () => {
    const directory = temporaryDirectory();
    await foreignCertificate(directory);
    const before = readFileSync(join(directory, 'tls.crt'), 'utf8');
    const kept = keepIn(directory);
    await kept.at(NOW + 4000 * DAY_MS);
    expect(readFileSync(join(directory, 'tls.crt'), 'utf8')).toBe(before);
    expect(kept.lines).toEqual([expect.stringContaining('uses the certificate of another issuer')]);
    rmSync(join(directory, 'ca.crt'));
    await expect(kept.at(NOW)).rejects.toMatchObject({ code: 'CERTIFICATE_UNREADABLE', message: expect.stringContaining('no ca.crt') });
  });
});

describe('certificates in Secrets', () => {
  const namespace = 'vhostguard';

  async function cluster() {
    const server = await startFakeApiServer();
    onTestFinished(server.stop);
    const keep = () => {
      const { logger, lines } = recordingLogger();
      const store = createSecretStore(sendTo(server), namespace);
      const options = { store, hosts: ['vhostguard-webhook.vhostguard.svc'], logger, metrics: { certificate: () => undefined } };
      return { keeper: new CertificateKeeper({ ...options, now: () => NOW }), store, lines };
    };
    const secret = (name: string) => server.get({ kind: 'Secret', namespace, name });
    return { server, keep, secret };
  }

  test('are of the type that pods mount, and the key of the authority is in a Secret of its own', async () => {
    const { keep, secret } = await cluster();
    const { keeper, store } = keep();
    const { leaf } = await snapshot(await keeper.ensure(), store);
    expect(leaf.checkHost('vhostguard-webhook.vhostguard.svc')).toBeDefined();
    expect(secret(SECRETS.serving)).toMatchObject({ type: 'kubernetes.io/tls' });
    expect(Object.keys(Object(secret(SECRETS.serving)?.['data']))).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(Object(secret(SECRETS.authority)?.['data'])['tls.key']).not.toBe(Object(secret(SECRETS.serving)?.['data'])['tls.key']);
  });

  test('are made anew when a Secret is deleted or corrupted', async () => {
    const { keep, secret, server } = await cluster();
    const { keeper, store, lines } = keep();
    await snapshot(await keeper.ensure(), store);
    server.remove({ kind: 'Secret', namespace, name: SECRETS.serving });
    await snapshot(await keeper.ensure(), store);
    server.put({ ...secret(SECRETS.serving), data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' } });
    await snapshot(await keeper.ensure(), store);
    server.remove({ kind: 'Secret', namespace, name: SECRETS.authority });
    await snapshot(await keeper.ensure(), store);
    expect(lines.map((line) => line.replace(/^.*: made a /, ''))).toEqual([
      'certificate authority: there was none',
      'serving certificate: there was none',
      'serving certificate: there was none',
      expect.stringMatching(/^serving certificate: tls\.crt is unusable/),
      'certificate authority: there was none',
    ]);
  });

  test('of many controllers that start at once are one authority and one leaf', async () => {
    const { keep } = await cluster();
    const controllers = Array.from({ length: 5 }, keep);
    await Promise.all(controllers.map(({ keeper }) => keeper.ensure()));
    const bundles = await Promise.all(controllers.map(({ keeper }) => keeper.ensure()));
    expect(new Set(bundles).size).toBe(1);
    await snapshot(bundles[0] ?? '', keep().store);
    expect(controllers.flatMap(({ lines }) => lines.filter((line) => line.includes('made a serving')))).toHaveLength(1);
  });

  test('a permission that is missing is named', async () => {
    const { keep, server } = await cluster();
    server.failNext(({ plural }) => plural === 'secrets', 403, Number.POSITIVE_INFINITY);
    await expect(keep().keeper.ensure()).rejects.toThrow('lacks the verb "get" on the resource "secrets" in the core API group');
  });
});

/** A pair that no authority of ours signed. */
async function foreignCertificate(directory: string): Promise<void> {
  const { default: selfsigned } = await import('selfsigned');
  const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: 'corporate' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  for (const [name, text] of Object.entries({ 'ca.crt': cert, 'tls.crt': cert, 'tls.key': key }))
    writeFileSync(join(directory, name), `${text.trim()}\n`);
}
