import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { OVERLAP_MS } from '../../src/controller/certificate-plan.ts';
import { createDirectoryStore } from '../../src/controller/directory-store.ts';
import { builtProgram } from '../support/built-program.ts';
import { sendTo, startTestUpkeep } from '../support/controller.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';
import { recorded } from '../support/reviews.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { WebhookClient } from '../support/webhook-client.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VALIDATING = { kind: 'ValidatingWebhookConfiguration', name: 'vhostguard' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const WAIT_MS = 20_000;

interface Running {
  readonly process: ChildProcess;
  output(): string;
  readonly exited: Promise<number | null>;
}

let program: string;

beforeAll(() => {
  program = builtProgram();
});

function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [program, ...args], { cwd: ROOT, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, output: () => output, exited };
}

async function cluster(): Promise<FakeApiServer> {
  const server = await startFakeApiServer();
  onTestFinished(server.stop);
  return server;
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function startController(server: FakeApiServer, directory: string, port: number): Running {
  const where = ['--kubeconfig', server.kubeconfig(), '--certs-dir', directory, '--webhook-url', `https://127.0.0.1:${port}`];
  return start('controller', ...where, '--health-listen', '127.0.0.1:0');
}

function startServe(directory: string, port: number): Running {
  return start('serve', '--certs-dir', directory, '--listen', `127.0.0.1:${port}`, '--health-listen', '127.0.0.1:0', '--drain', '0');
}

/** What the API server trusts, by the registered configuration. */
function registeredBundle(server: FakeApiServer): string {
  const webhooks = server.get(VALIDATING)?.['webhooks'] as readonly { clientConfig: { caBundle?: string } }[] | undefined;
  return Buffer.from(webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString();
}

async function validate(port: number, ca: string): Promise<boolean> {
  const client = new WebhookClient({ port, ca });
  const { text } = await client.post({ body: recorded('02') }).finally(() => client.close());
  return (JSON.parse(text) as { response: { allowed: boolean } }).response.allowed;
}

describe('vhostguard controller', () => {
  test('beside serve: registers webhooks that its caBundle trusts, puts them back, and removes them on Ctrl-C', async () => {
    const [server, directory, port] = [await cluster(), temporaryDirectory(), await freePort()];
    const controller = startController(server, directory, port);
    await vi.waitFor(() => expect(registeredBundle(server), controller.output()).not.toBe(''), WAIT_MS);
    const serve = startServe(directory, port);
    await vi.waitFor(() => expect(serve.output()).toContain('webhooks  https://'), WAIT_MS);
    expect(serve.output()).not.toContain('made a development certificate');
    expect(await validate(port, registeredBundle(server))).toBe(false);
    expect(server.get(VALIDATING)?.['webhooks']).toMatchObject([{ clientConfig: { url: `https://127.0.0.1:${port}/validate` } }, {}]);

    const health = /http:\/\/127\.0\.0\.1:\d+/.exec(controller.output())?.[0] ?? '';
    await vi.waitFor(async () => expect((await fetch(`${health}/readyz`)).status).toBe(200), WAIT_MS);
    const metrics = await (await fetch(`${health}/metrics`)).text();
    expect(metrics).toContain('vhostguard_webhook_registered 1');
    expect(metrics).toMatch(/vhostguard_webhook_certificate_not_after_timestamp_seconds\{certificate="leaf"\} \d+/);

    server.remove(VALIDATING);
    await vi.waitFor(() => expect(server.get(VALIDATING)).toBeDefined(), WAIT_MS);
    controller.process.kill('SIGINT');
    expect(await controller.exited, controller.output()).toBe(0);
    expect([...server.list('ValidatingWebhookConfiguration'), ...server.list('MutatingWebhookConfiguration')]).toEqual([]);
    expect(controller.output()).toContain('removed the ValidatingWebhookConfiguration vhostguard');
  });

  test('that is killed leaves its webhooks; the next one goes on with the same certificates', async () => {
    const [server, directory, port] = [await cluster(), temporaryDirectory(), await freePort()];
    const killed = startController(server, directory, port);
    await vi.waitFor(() => expect(registeredBundle(server)).not.toBe(''), WAIT_MS);
    killed.process.kill('SIGKILL');
    await killed.exited;
    const left = server.get(VALIDATING);
    expect(left).toBeDefined();
    const next = startController(server, directory, port);
    await vi.waitFor(() => expect(next.output()).toContain('webhook configurations are as they must be'), WAIT_MS);
    expect(server.get(VALIDATING)).toEqual(left);
    next.process.kill('SIGTERM');
    expect(await next.exited).toBe(0);
    expect(server.get(VALIDATING)).toBeUndefined();
  });

  test('of a Service keeps its certificate in a Secret, and what it registered stays when it stops', async () => {
    const server = await cluster();
    const where = ['--kubeconfig', server.kubeconfig(), '--namespace', 'vhostguard', '--service', 'vhostguard-webhook'];
    const controller = start('controller', ...where, '--health-listen', '127.0.0.1:0');
    await vi.waitFor(() => expect(registeredBundle(server), controller.output()).not.toBe(''), WAIT_MS);
    const data = Object(server.get({ kind: 'Secret', namespace: 'vhostguard', name: 'vhostguard-webhook-tls' })?.['data']);
    const leaf = new X509Certificate(Buffer.from(data['tls.crt'], 'base64'));
    expect(leaf.checkHost('vhostguard-webhook.vhostguard.svc')).toBeDefined();
    expect(leaf.verify(new X509Certificate(registeredBundle(server)).publicKey)).toBe(true);
    expect(server.get(VALIDATING)?.['webhooks']).toMatchObject([
      { clientConfig: { service: { namespace: 'vhostguard', name: 'vhostguard-webhook', path: '/validate', port: 443 } } },
      {},
    ]);
    controller.process.kill('SIGTERM');
    expect(await controller.exited, controller.output()).toBe(0);
    expect(server.get(VALIDATING)).toBeDefined();
  });

  test('that cannot reach the API server at the end says what is left and how to remove it: exit 3', async () => {
    const [server, directory] = [await cluster(), temporaryDirectory()];
    const controller = startController(server, directory, 9443);
    await vi.waitFor(() => expect(registeredBundle(server)).not.toBe(''), WAIT_MS);
    await server.stop();
    controller.process.kill('SIGTERM');
    expect(await controller.exited).toBe(3);
    expect(controller.output()).toMatch(/^vhostguard: webhook configurations are still registered: cannot reach the API server /m);
    expect(controller.output()).toContain('kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration vhostguard');
    await server.start();
  });

  test('authority and leaf are renewed under load, and no request fails', async () => {
    const [server, directory, port] = [await cluster(), temporaryDirectory(), await freePort()];
    const start = Date.now();
    let offsetMs = -244 * DAY_MS;
    const certificates = { store: createDirectoryStore(directory), hosts: LOCAL_HOSTS };
    const { lines } = startTestUpkeep(sendTo(server), {
      target: { at: 'url', url: `https://127.0.0.1:${port}` },
      certificates,
      now: () => start + offsetMs,
    });
    const made = (what: string): number => lines.filter((line) => line.includes(`made a ${what}`)).length;
    await vi.waitFor(() => expect(made('serving certificate')).toBe(1), WAIT_MS);
    offsetMs = -DAY_MS;
    await vi.waitFor(() => expect(made('serving certificate')).toBe(2), WAIT_MS);
    const serve = startServe(directory, port);
    await vi.waitFor(() => expect(serve.output()).toContain('webhooks  https://'), WAIT_MS);

    const load = startConnections(port, () => registeredBundle(server));
    const old = registeredBundle(server);
    await vi.waitFor(() => expect(load.answers()).toBeGreaterThan(20), WAIT_MS);
    offsetMs = 0;
    await vi.waitFor(() => expect(registeredBundle(server).split('BEGIN').length - 1).toBe(2), WAIT_MS);
    const fresh = registeredBundle(server).replace(old, '');
    offsetMs = OVERLAP_MS;
    await vi.waitFor(() => expect(made('serving certificate')).toBe(3), WAIT_MS);
    await vi.waitFor(async () => expect(await validate(port, fresh)).toBe(false), WAIT_MS);
    offsetMs = 2 * OVERLAP_MS;
    await vi.waitFor(() => expect(registeredBundle(server)).toBe(fresh), WAIT_MS);
    const answers = load.answers();
    await vi.waitFor(() => expect(load.answers()).toBeGreaterThan(answers + 20), WAIT_MS);

    expect(await load.stop()).toEqual([]);
    expect(made('certificate authority')).toBe(2);
    expect(new X509Certificate(readFileSync(join(directory, 'tls.crt'))).verify(new X509Certificate(fresh).publicKey)).toBe(true);
  });

  test.for<[RegExp, readonly string[]]>([
    [/the controller must know where the webhooks are/, []],
    [/--webhook-url and --service name two webhooks/, ['--webhook-url', 'https://a', '--service', 'b']],
    [/--webhook-url must be https:\/\/HOST:PORT without a path, not "http:\/\/a:1"/, ['--webhook-url', 'http://a:1']],
    [/--webhook-url must be https:\/\/HOST:PORT without a path/, ['--webhook-url', 'https://a:1/validate']],
    [/--service must be a DNS label, not "a\/b"/, ['--namespace', 'x', '--service', 'a/b']],
    [/--kubeconfig and --in-cluster name two clusters/, ['--kubeconfig', 'x', '--in-cluster']],
    [/--health-listen must be HOST:PORT/, ['--webhook-url', 'https://a', '--health-listen', 'x']],
  ])('%s is exit 2', async ([message, flags]) => {
    const { exitCode, stderr } = await runCli(['controller', ...flags]);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });

  test('a kubeconfig that is none is exit 3', async () => {
    const file = join(temporaryDirectory(), 'kubeconfig');
    writeFileSync(file, '{');
    const { exitCode, stderr } = await runCli(['controller', '--webhook-url', 'https://a', '--kubeconfig', file]);
    expect(stderr).toContain(`cannot read the kubeconfig ${file}`);
    expect(exitCode).toBe(3);
  });
});

/** Validates one object after the other, each over a new connection that trusts what is registered at that moment. */
function startConnections(port: number, bundle: () => string): { answers(): number; stop(): Promise<readonly string[]> } {
  let isOpen = true;
  let answers = 0;
  const failures: string[] = [];
  const send = async (): Promise<void> => {
    while (isOpen) {
      try {
        if (await validate(port, bundle())) failures.push('allowed');
        answers += 1;
      } catch (thrown) {
        failures.push(String(thrown));
      }
    }
  };
  const senders = Promise.all([send(), send()]);
  return {
    answers: () => answers,
    stop: async () => {
      isOpen = false;
      await senders;
      return failures;
    },
  };
}
