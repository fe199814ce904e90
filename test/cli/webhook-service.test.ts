import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { writeFiles } from '../../src/certificates/files.ts';
import { readPair } from '../../src/certificates/pair.ts';
import { createPair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { startWebhookService, type WebhookService } from '../../src/cli/webhook-service.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { startLoad } from '../support/load.ts';
import { exampleEngine, recorded } from '../support/reviews.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { WebhookClient } from '../support/webhook-client.ts';

const NOW = Date.now();
const LOCAL = { host: '127.0.0.1', port: 0 };

interface Running {
  readonly service: WebhookService;
  readonly certsDir: string;
  readonly ca: string;
  readonly log: string[];
}

async function start({ now = () => NOW }: { now?: () => number } = {}): Promise<Running> {
  const certsDir = temporaryDirectory();
  const text = await createPair(LOCAL_HOSTS, NOW);
  await writeFiles(certsDir, text);
  const engine = exampleEngine();
  const log: string[] = [];
  const service = await startWebhookService({
    listen: LOCAL,
    healthListen: LOCAL,
    certsDir,
    pair: readPair(text),
    engine: () => engine,
    logger: createLogger('info', { write: (line) => log.push(line) }),
    unreadiness: () => [],
    metrics: createMetrics('0.0.0', []),
    now,
  });
  onTestFinished(() => service.stop(0, AbortSignal.abort()));
  return { service, certsDir, ca: text.ca, log };
}

async function readiness({ health }: WebhookService): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${health.port}/readyz`);
  return [response.status, await response.text()];
}

/** The serial number of the certificate that a new connection sees. */
async function servedSerial(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
      socket.end();
    }).on('error', reject);
  });
}

test('a new certificate is served from the next handshake on, and no request under load fails', async () => {
  const { service, certsDir, ca, log } = await start();
  const next = await createPair(LOCAL_HOSTS, NOW);
  const { serialNumber } = readPair(next).leaf;
  const client = new WebhookClient({ port: service.webhook.port, ca: ca + next.ca });
  const kept = new WebhookClient({ port: service.webhook.port, ca, keepAlive: true });
  const loads = [startLoad(client, recorded('06'), 3), startLoad(kept, recorded('06'), 3)];
  await writeFiles(certsDir, next);
  await expect.poll(() => servedSerial(service.webhook.port), { timeout: 10_000 }).toBe(serialNumber);
  await sleep(200);
  for (const load of loads) {
    const { replies, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  }
  expect(log.join('')).toContain('took over the new certificate, valid until');
  kept.close();
});

test('a broken certificate leaves the server as it is', async () => {
  const { service, certsDir, ca, log } = await start();
  writeFileSync(join(certsDir, 'tls.crt'), 'half');
  await expect.poll(() => log.join(''), { timeout: 10_000 }).toContain('kept the certificate in use: tls.crt is unusable');
  const reply = await new WebhookClient({ port: service.webhook.port, ca }).post({ body: recorded('06') });
  expect(reply.status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${service.health.port}/metrics`)).text();
  expect(metrics).toContain('vhostguard_webhook_certificate_reloads_total{result="invalid"} 1');
});

test('an expired certificate makes it unready and does not stop it', async () => {
  let now = NOW;
  const { service, ca } = await start({ now: () => now });
  expect(await readiness(service)).toEqual([200, 'ok\n']);
  now += 366 * 24 * 60 * 60 * 1000;
  expect(await readiness(service)).toEqual([503, expect.stringMatching(/^certificate expired at /)]);
  expect((await new WebhookClient({ port: service.webhook.port, ca }).post({ body: recorded('06') })).status).toBe(200);
});

test('stopping makes it unready first, serves on while it drains, and then listens no more', async () => {
  const { service, ca } = await start();
  const client = new WebhookClient({ port: service.webhook.port, ca, keepAlive: true });
  expect((await client.post({ body: recorded('06') })).headers.connection).toBe('keep-alive');
  const stopped = service.stop(500);
  expect((await readiness(service))[0]).toBe(503);
  const last = await client.post({ body: recorded('06') });
  expect(last).toMatchObject({ status: 200, headers: { connection: 'close' } });
  await stopped;
  await expect(client.post({ body: recorded('06') })).rejects.toThrow(/ECONNREFUSED/);
});

test('the log has one line per denial with the rules and nothing of the object', async () => {
  const { service, ca, log } = await start();
  const client = new WebhookClient({ port: service.webhook.port, ca });
  await client.post({ path: '/validate', body: recorded('02') });
  await client.post({ path: '/validate', body: recorded('06') });
  await client.post({ path: '/mutate', body: '{' });
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      webhook: 'validate',
      uid: expect.any(String),
      kind: 'VirtualMachineInstance',
      namespace: 'default',
      name: 'vm-trex-1',
      operation: 'CREATE',
      dryRun: false,
      allowed: false,
      denied: expect.stringContaining('VHG110'),
      durationMs: expect.any(Number),
      msg: 'denied',
    },
    { level: 'warn', time: expect.any(String), webhook: 'mutate', msg: 'refused: the request body is not JSON' },
  ]);
  expect(log.join('')).not.toContain('fedora');
});
