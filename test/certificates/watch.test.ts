import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE_FILES, writeFiles } from '../../src/certificates/files.ts';
import { type CertificatePair, type PairText, readPair } from '../../src/certificates/pair.ts';
import { createPair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { watchPair } from '../../src/certificates/watch.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const [FIRST, SECOND] = await Promise.all([createPair(LOCAL_HOSTS, Date.now()), createPair(LOCAL_HOSTS, Date.now())]);

interface Watched {
  readonly taken: string[];
  readonly problems: string[];
  /** Resolves after the watch has surely looked a few times more. */
  settle(): Promise<void>;
}

function watch(directory: string): Watched {
  const taken: string[] = [];
  const problems: string[] = [];
  const running = watchPair({
    directory,
    current: readPair(FIRST),
    onChange: ({ cert }: CertificatePair) => taken.push(cert),
    onInvalid: ({ message }) => problems.push(message),
    intervalMs: 10,
  });
  onTestFinished(() => running.stop());
  return { taken, problems, settle: () => new Promise((resolve) => setTimeout(resolve, 150)) };
}

/** Writes a pair as the kubelet does: a new directory, and one atomic rename of the link that leads there. */
function mountSecret(mount: string, version: string, pair: Required<PairText>): void {
  mkdirSync(join(mount, version));
  for (const [role, name] of Object.entries(CERTIFICATE_FILES))
    writeFileSync(join(mount, version, name), pair[role as keyof PairText] ?? '');
  symlinkSync(version, join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
}

test('takes over a pair that is written in place', async () => {
  const directory = temporaryDirectory();
  await writeFiles(directory, FIRST);
  const { taken, problems, settle } = watch(directory);
  await writeFiles(directory, SECOND);
  await expect.poll(() => taken).toEqual([SECOND.cert]);
  await settle();
  expect(taken).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('takes over a pair that the link of a Secret mount swaps', async () => {
  const mount = temporaryDirectory();
  mountSecret(mount, '..1', FIRST);
  for (const name of Object.values(CERTIFICATE_FILES)) symlinkSync(join('..data', name), join(mount, name));
  const { taken, problems } = watch(mount);
  mountSecret(mount, '..2', SECOND);
  rmSync(join(mount, '..1'), { recursive: true });
  await expect.poll(() => taken).toEqual([SECOND.cert]);
  expect(problems).toEqual([]);
});

test.for<[string, (directory: string) => void, RegExp]>([
  ['half a certificate', (directory) => writeFileSync(join(directory, 'tls.crt'), SECOND.cert.slice(0, 200)), /^tls\.crt is unusable: /],
  [
    'a certificate without its key',
    (directory) => writeFileSync(join(directory, 'tls.crt'), SECOND.cert),
    /^tls\.key is not the key of tls\.crt$/,
  ],
  ['an empty key', (directory) => writeFileSync(join(directory, 'tls.key'), ''), /^tls\.key is unusable: /],
  ['no files at all', (directory) => rmSync(directory, { recursive: true }), / has no tls\.crt$/],
])('keeps the pair in use for %s, says so once, and goes on watching', async ([, spoil, message]) => {
  const directory = join(temporaryDirectory(), 'certs');
  await writeFiles(directory, FIRST);
  const { taken, problems, settle } = watch(directory);
  spoil(directory);
  await expect.poll(() => problems).toEqual([expect.stringMatching(message)]);
  await settle();
  expect(problems).toHaveLength(1);
  expect(taken).toEqual([]);
  await writeFiles(directory, SECOND);
  await expect.poll(() => taken).toEqual([SECOND.cert]);
});

test('says nothing of a moment between the writing of two files', async () => {
  const directory = temporaryDirectory();
  await writeFiles(directory, FIRST);
  const { taken, problems } = watch(directory);
  for (let count = 0; count < 10; count += 1) {
    const next = count % 2 === 0 ? SECOND : FIRST;
    writeFileSync(join(directory, 'tls.crt'), next.cert);
    writeFileSync(join(directory, 'tls.key'), next.key);
    writeFileSync(join(directory, 'ca.crt'), next.ca);
    await expect.poll(() => taken.at(-1)).toBe(next.cert);
  }
  expect(problems).toEqual([]);
  expect(taken).toHaveLength(10);
  expect(readFileSync(join(directory, 'tls.crt'), 'utf8')).toBe(taken.at(-1));
});
