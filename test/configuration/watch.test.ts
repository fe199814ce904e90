import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadConfiguration } from '../../src/configuration/load.ts';
import { type ConfigurationWatch, watchConfiguration } from '../../src/configuration/watch.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';

const RULES = [{ id: 'VHG101', name: 'require-hugepages' }];
const HEAD = 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n';
const WARN = `${HEAD}enforcement: warn\n`;
const DRYRUN = `${HEAD}enforcement: dryrun\n`;

let directory: string;
let watch: ConfigurationWatch | undefined;
let events: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vhostguard-'));
  events = [];
});

afterEach(async () => {
  watch?.stop();
  await rm(directory, { recursive: true });
});

/** Watches `file` as `serve` does, noting what it is told. */
function start(file: string, current: Settings = DEFAULT_SETTINGS): void {
  watch = watchConfiguration({
    file,
    rules: RULES,
    current,
    onChange: ({ enforcement }) => events.push(enforcement),
    onInvalid: ({ message }) => events.push(message),
    intervalMs: 5,
  });
}

/** Waits for the next events, then for as many looks more as would bring a repetition. */
async function expectEvents(expected: readonly unknown[]): Promise<void> {
  await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(expected.length), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(events).toEqual(expected);
}

test('tells of a file that was written in place', async () => {
  const file = join(directory, 'vhostguard.yaml');
  writeFileSync(file, WARN);
  start(file, (await loadConfiguration(file, RULES)).settings);
  writeFileSync(file, DRYRUN);
  await expectEvents(['dryrun']);
});

test('tells of a ConfigMap mount, whose directory is swapped by a link', async () => {
  const file = join(directory, 'vhostguard.yaml');
  for (const [version, text] of [
    ['..1', WARN],
    ['..2', DRYRUN],
  ] as const) {
    await mkdir(join(directory, version));
    writeFileSync(join(directory, version, 'vhostguard.yaml'), text);
  }
  await symlink('..1', join(directory, '..data'));
  await symlink('..data/vhostguard.yaml', file);
  start(file, (await loadConfiguration(file, RULES)).settings);
  await symlink('..2', join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  await expectEvents(['dryrun']);
});

test('tells of a change between loading and watching', async () => {
  const file = join(directory, 'vhostguard.yaml');
  writeFileSync(file, WARN);
  start(file);
  await expectEvents(['warn']);
});

test('tells nothing of a change that changes no setting', async () => {
  const file = join(directory, 'vhostguard.yaml');
  writeFileSync(file, WARN);
  start(file, (await loadConfiguration(file, RULES)).settings);
  writeFileSync(file, `# a comment\n${WARN}`);
  await expectEvents([]);
});

test('tells once what is wrong with a bad file, and takes over the next good one', async () => {
  const file = join(directory, 'vhostguard.yaml');
  writeFileSync(file, WARN);
  start(file, (await loadConfiguration(file, RULES)).settings);
  writeFileSync(file, `${HEAD}enforcement: never\n`);
  const problem = `${file}:3:14: key "enforcement": must be "deny", "warn" or "dryrun", not "never"`;
  await expectEvents([problem]);
  writeFileSync(file, DRYRUN);
  await expectEvents([problem, 'dryrun']);
});

test('tells once that the file is gone', async () => {
  const file = join(directory, 'vhostguard.yaml');
  writeFileSync(file, WARN);
  start(file, (await loadConfiguration(file, RULES)).settings);
  await unlink(file);
  await expectEvents([expect.stringContaining(`cannot read the configuration ${file}: ENOENT`)]);
});

test('tells nothing after it was stopped', async () => {
  const file = join(directory, 'vhostguard.yaml');
  writeFileSync(file, WARN);
  start(file);
  watch?.stop();
  await expectEvents([]);
});

test('a file that cannot be read is a configuration error that says which file', async () => {
  await expect(loadConfiguration(directory, RULES)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(`cannot read the configuration ${directory}: `),
    hint: expect.stringContaining('--config'),
  });
});
