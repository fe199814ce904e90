import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { valueAt } from '../../src/core/path.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { startProgram } from '../e2e/product.ts';
import { sendTo, startTestUpkeep } from '../support/controller.ts';
import { DEFAULT_RESOURCES } from '../support/fake-api-server/resource.ts';
import { startFakeApiServer } from '../support/fake-api-server/server.ts';
import { brokenVm, OPEN_REPORTS, PLATFORM, scan, startCluster } from '../support/scan.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const WAIT = { timeout: 60_000, interval: 20 };
/** Longer than any test may take: what ends before has not waited for it. */
const FOREVER_MS = 600_000;

describe('while the API server answers nothing', () => {
  test('a scan stops, and says nothing of what it cut short', async () => {
    const server = await startCluster([...PLATFORM, brokenVm('a'), brokenVm('b')]);
    server.failNext(({ verb, plural }) => verb === 'create' && plural === 'reports', 'hang', Infinity);
    const { stop, log } = await scan(server, { pace: { timeoutMs: FOREVER_MS } });
    await vi.waitFor(() => expect(server.requests.filter(({ verb }) => verb === 'create')).toHaveLength(3), WAIT);
    await stop();
    expect(log.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  test('a scan that looks for its reports again stops, although a kind is not installed', async () => {
    const resources = DEFAULT_RESOURCES.filter(({ kind }) => kind !== 'VirtualMachinePool');
    const server = await startFakeApiServer({ objects: [...PLATFORM, brokenVm('a')], resources: [...resources, OPEN_REPORTS] });
    onTestFinished(server.stop);
    const slow = { timeoutMs: FOREVER_MS, firstRetryMs: FOREVER_MS, mostRetryMs: FOREVER_MS };
    const { stop, use, whenScanned } = await scan(server, { pace: slow });
    await whenScanned;
    const looks = () => server.requests.filter(({ verb, plural }) => verb === 'list' && plural === 'reports');
    const before = looks().length;
    server.failNext(({ verb, plural }) => verb === 'list' && plural === 'reports', 'hang', Infinity);
    use({ settings: DEFAULT_SETTINGS, today: '2026-09-02' });
    await vi.waitFor(() => expect(looks().length).toBeGreaterThan(before), WAIT);
    await stop();
  });

  test('the upkeep of webhooks stops, and gives up on their removal in time', async () => {
    const server = await startCluster([]);
    const { upkeep, lines } = startTestUpkeep(sendTo(server, FOREVER_MS));
    await vi.waitFor(() => expect(upkeep.unreadiness()).toEqual([]), WAIT);
    server.failNext(() => true, 'hang', Infinity);
    const asked = server.requests.length;
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(asked), WAIT);
    expect(await upkeep.remove()).toEqual([expect.stringMatching(/^cannot reach the API server 127\.0\.0\.1:\d+: no answer in time$/)]);
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([]);
  });
});

/** Subjects of the reports, each as often as it has one. */
function subjectsOf(reports: readonly JsonObject[]): unknown[] {
  return reports.map((report) => valueAt(report, ['scope', 'name'])).sort();
}

test('a controller that is killed while it writes leaves the next one nothing wrong: one report for each subject, and no other', async () => {
  const names = Array.from({ length: 80 }, (_, index) => `vm-${String(index).padStart(2, '0')}`);
  const server = await startCluster([...PLATFORM, ...names.map((name) => brokenVm(name))]);
  const allow = server.failNext(
    ({ verb, plural }) => verb === 'create' && plural === 'reports' && server.list('Report').length >= 40,
    'hang',
    Infinity,
  );
  const where = ['--kubeconfig', server.kubeconfig(), '--certs-dir', temporaryDirectory(), '--webhook-url', 'https://127.0.0.1:9443'];
  const killed = await startProgram(['controller', ...where]);
  onTestFinished(() => killed.end('SIGKILL'));
  await vi.waitFor(() => expect(server.list('Report')).toHaveLength(40), WAIT);
  await killed.end('SIGKILL');
  allow();

  const reported = names.filter((name) => subjectsOf(server.list('Report')).includes(name));
  const [gone = '', replaced = '', leaving = ''] = reported;
  const ofBefore = server.get({ kind: 'VirtualMachine', namespace: 'nfv', name: replaced })?.metadata.uid;
  for (const name of [gone, replaced]) server.remove({ kind: 'VirtualMachine', namespace: 'nfv', name });
  server.put(brokenVm(replaced));
  server.put(brokenVm(leaving, ''));

  const next = await startProgram(['controller', ...where]);
  onTestFinished(() => next.end('SIGKILL'));
  const wanted = [...names.filter((name) => name !== gone && name !== leaving), 'userspace-ovs-net-1'];
  await vi.waitFor(() => expect(subjectsOf(server.list('Report'))).toEqual(wanted.sort()), WAIT);
  const uidOf = (name: string): unknown =>
    server.list('Report').find((report) => valueAt(report, ['scope', 'name']) === name)?.metadata.name;
  expect(uidOf(replaced)).toBe(server.get({ kind: 'VirtualMachine', namespace: 'nfv', name: replaced })?.metadata.uid);
  expect(uidOf(replaced)).not.toBe(ofBefore);
  await next.end('SIGTERM');
  expect(next.exitCode(), next.output()).toBe(0);
  expect(next.output()).not.toContain('not up to date');
}, 150_000);
