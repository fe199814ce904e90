import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { valueAt } from '../../src/core/path.ts';
import { builtProgram } from '../support/built-program.ts';
import type { FakeApiServer } from '../support/fake-api-server/server.ts';
import {
  conditionIn,
  eventually,
  flagsFor,
  hostWithoutOvs,
  KUBELETS,
  NODE,
  nodeIn,
  startAgent,
  startServer,
} from '../support/host-agent.ts';
import { temporaryFile } from '../support/kubeconfig.ts';
import { runCli } from '../support/run-cli.ts';

function writesTo(server: FakeApiServer): string[] {
  return server.requests.filter(({ verb }) => verb !== 'get').map(({ verb, path, contentType }) => `${verb} ${path} ${contentType}`);
}

const PATCH = 'patch /api/v1/nodes/worker-0/status application/strategic-merge-patch+json';

describe('host agent --once', () => {
  test('says in the Node what fails on its host, and leaves everything else there as it is', async () => {
    const server = await startServer();
    const { exitCode, stdout, stderr } = await runCli([...flagsFor(server), '--once']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Node "worker-0": VhostUserReady is False, \w+: VHG\d+ .+\n$/);
    const { metadata, status } = nodeIn(server);
    expect(metadata).toMatchObject({ labels: { zone: 'a' }, annotations: { 'node.alpha.kubernetes.io/ttl': '0' } });
    expect(status).toMatchObject({ allocatable: { cpu: '4' } });
    expect(valueAt(status, ['conditions'])).toEqual([KUBELETS, conditionIn(server)]);
    expect(conditionIn(server)).toMatchObject({ status: 'False', lastHeartbeatTime: '2026-11-22T12:00:00Z' });
    const annotation = String(valueAt(metadata, ['annotations', 'vhostguard.dev/host']));
    expect(JSON.parse(annotation)).toMatchObject({ version: 1, failed: expect.arrayContaining(['VHG510']) });
    expect(writesTo(server)).toEqual([PATCH]);
  });

  test('writes nothing when the Node says it already', async () => {
    const server = await startServer();
    const flags = flagsFor(server);
    await runCli([...flags, '--once']);
    const before = nodeIn(server);
    expect(await runCli([...flags, '--once'])).toMatchObject({ exitCode: 0 });
    expect(nodeIn(server)).toEqual(before);
    expect(writesTo(server)).toEqual([PATCH]);
  });

  test('judges by the exemptions of its configuration', async () => {
    const server = await startServer();
    const rules = JSON.stringify({ VHG510: 'off', VHG501: 'off', VHG502: 'off' });
    const config = temporaryFile('config.yaml', `apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\nrules: ${rules}\n`);
    expect(await runCli([...flagsFor(server), '--once', '--config', config])).toMatchObject({ exitCode: 0 });
    expect(JSON.stringify(nodeIn(server))).not.toContain('VHG510');
  });

  test.for(['warn', 'dryrun'])('does not call a host ready because its configuration would %s', async (enforcement) => {
    const server = await startServer();
    const text = `apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\nenforcement: ${enforcement}\n`;
    await runCli([...flagsFor(server), '--once', '--config', temporaryFile('config.yaml', text)]);
    expect(conditionIn(server)).toMatchObject({ status: 'False' });
    expect(JSON.stringify(nodeIn(server))).toContain('VHG510');
  });

  test.for<[string, (server: FakeApiServer) => unknown, RegExp]>([
    ['the Node does not exist', (server) => server.remove({ kind: 'Node', name: 'worker-0' }), /the cluster has no Node "worker-0"/],
    ['it may not read the Node', (server) => server.failNext(() => true, 403, Infinity), /the agent may not get nodes of Node "worker-0"/],
    [
      'it may not write the Node',
      (server) => server.failNext(({ verb }) => verb === 'patch', 403, Infinity),
      /the agent may not patch nodes\/status of Node "worker-0"/,
    ],
    ['there is no API server', (server) => server.stop(), /cannot reach the API server/],
  ])('fails when %s', async ([, prepare, message]) => {
    const server = await startServer();
    const flags = flagsFor(server);
    await prepare(server);
    const { exitCode, stdout, stderr } = await runCli([...flags, '--once']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(message);
    if (!message.source.includes('reach')) expect(conditionIn(server)).toBeUndefined();
    // `onTestFinished` stops a server that listens.
    else await server.start();
  });

  test('says so in the Node when there is no host to look at', async () => {
    const server = await startServer();
    expect(await runCli([...flagsFor(server, '/nonexistent'), '--once'])).toMatchObject({ exitCode: 0 });
    expect(conditionIn(server)).toMatchObject({
      status: 'Unknown',
      reason: 'HostCheckFailed',
      message: expect.stringContaining('cannot read the host at "/nonexistent"'),
    });
  });

  test.for([['--timeout', 'soon'] as const, ['--pci', '18:00'] as const])('%s %s ends it, once or not', async ([flag, value]) => {
    const server = await startServer();
    const kubeconfig = server.kubeconfig();
    for (const once of [['--health-listen', '127.0.0.1:0'], ['--once']]) {
      const argv = ['host', 'agent', '--node', 'worker-0', '--root', hostWithoutOvs(), '--kubeconfig', kubeconfig, flag, value, ...once];
      expect(await runCli(argv)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${flag} must be`) });
    }
    expect(server.requests).toEqual([]);
  });

  test.for<[readonly string[], RegExp]>([
    [['host', 'agent'], /required option '--node <name>'/],
    [['host', 'agent', '--node', '', '--once'], /a name as `kubectl get nodes` shows it/],
    [['host', 'agent', '--node', '..', '--once'], /a name as `kubectl get nodes` shows it/],
    [['host', 'agent', '--node', '$(NODE_NAME)', '--once'], /a name as `kubectl get nodes` shows it/],
    [['host', 'agent', '--node', 'a', '--interval', '0s'], /a time from 1s to 10m/],
    [['host', 'agent', '--node', 'a', '--interval', '11m'], /a time from 1s to 10m/],
    [['host', 'agent', '--node', 'a', '--in-cluster', '--kubeconfig', 'x'], /cannot be used with option/],
    [['host', 'agent', '--node', 'a', '--kubeconfig', '/dev/null/none', '--once'], /cannot read the kubeconfig/],
  ])('%j is refused with the flag that is wrong', async ([argv, message]) => {
    const { exitCode, stderr } = await runCli(argv);
    expect(exitCode).toBe(message.source.includes('kubeconfig') ? 3 : 2);
    expect(stderr).toMatch(message);
  });
});

const looks = (server: FakeApiServer): number => server.requests.filter(({ verb }) => verb === 'get').length;

describe('host agent', () => {
  test('ends as a program when its flags are wrong, though its health port is open by then', async () => {
    const server = await startServer();
    const argv = [builtProgram(), ...flagsFor(server), '--pci', '18:00', '--health-listen', '127.0.0.1:0'];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [said, exitCode] = await Promise.all([text(child.stderr), new Promise((resolve) => child.on('close', resolve))]);
    expect(said).toContain('--pci must be');
    expect(exitCode).toBe(2);
    // The program may have to be built first.
  }, 180_000);

  test('looks again and again, writes once, and leaves what it wrote when it is stopped', async () => {
    const server = await startServer();
    const agent = startAgent(flagsFor(server));
    await eventually(() => expect(looks(server)).toBeGreaterThan(2));
    expect(await agent.stop()).toBe(0);
    expect(writesTo(server)).toEqual([PATCH]);
    expect(conditionIn(server)).toMatchObject({ status: 'False' });
    expect(agent.output()).toBe('looks at this host every 1 s, and says in Node "worker-0" what it finds\n');
    expect(agent.log()).toEqual([
      expect.stringMatching(/^warn: Node "worker-0": VhostUserReady is False, \w+: /),
      'info: stopped; what Node "worker-0" says of its host stays',
    ]);
  });

  test('puts back what somebody took away, and says it of a Node that was made anew', async () => {
    const server = await startServer();
    startAgent(flagsFor(server));
    await eventually(() => expect(conditionIn(server)).toBeDefined());
    server.put(NODE);
    await eventually(() => expect(conditionIn(server)).toBeDefined());
    server.remove({ kind: 'Node', name: 'worker-0' });
    server.put(NODE);
    await eventually(() => expect(conditionIn(server)).toBeDefined());
  });

  test('writes what becomes of a host at once, also by another configuration, and tells of it', async () => {
    const server = await startServer();
    const HEAD = 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n';
    const config = temporaryFile('config.yaml', HEAD);
    const agent = startAgent([...flagsFor(server), '--config', config]);
    await eventually(() => expect(conditionIn(server)).toMatchObject({ status: 'False' }));
    const annotation = String(valueAt(nodeIn(server), ['metadata', 'annotations', 'vhostguard.dev/host']));
    const { failed } = JSON.parse(annotation) as { readonly failed: readonly string[] };
    writeFileSync(config, `${HEAD}rules: ${JSON.stringify(Object.fromEntries(failed.map((rule) => [rule, 'off'])))}\n`);
    await eventually(() => expect(conditionIn(server)).toMatchObject({ status: 'True', reason: 'HostReady' }));
    expect(await agent.stop()).toBe(0);
    const told = agent.log().filter((line) => line.includes('VhostUserReady is'));
    expect(told.map((line) => /^(\w+): .* is (\w+),/.exec(line)?.slice(1))).toEqual([
      ['warn', 'False'],
      ['info', 'True'],
    ]);
  });

  test.for<[string, (server: FakeApiServer) => unknown]>([
    ['a conflict', (server) => server.failNext(({ verb }) => verb === 'patch', 409)],
    ['an API server in trouble', (server) => server.failNext(() => true, 500, 2)],
    ['a connection that is cut', (server) => server.failNext(({ verb }) => verb === 'patch', 'reset')],
    ['an API server that throttles', (server) => server.failNext(() => true, 429)],
  ])('gets over %s', async ([, prepare]) => {
    const server = await startServer();
    prepare(server);
    const agent = startAgent(flagsFor(server));
    await eventually(() => expect(conditionIn(server)).toMatchObject({ status: 'False' }));
    expect(await agent.stop()).toBe(0);
  });

  test('outlives its API server, and says so once', async () => {
    const server = await startServer();
    const agent = startAgent(flagsFor(server));
    await eventually(() => expect(conditionIn(server)).toBeDefined());
    await server.stop();
    await eventually(() =>
      expect(agent.log().join('\n')).toMatch(/warn: cannot reach the API server \S+: the connection is refused; another/),
    );
    server.put(NODE);
    await server.start();
    await eventually(() => expect(conditionIn(server)).toBeDefined());
    await eventually(() => expect(agent.log()).toContain('info: the API server is written to again'));
    expect(agent.log().filter((line) => line.includes('cannot reach'))).toHaveLength(1);
  });

  test('is ready when the Node says what it saw, and shows metrics', async () => {
    const server = await startServer();
    const restore = server.failNext(({ verb }) => verb === 'patch', 403, Infinity);
    const agent = startAgent([...flagsFor(server), '--health-listen', '127.0.0.1:0']);
    await eventually(() => expect(agent.output()).toContain('/readyz'));
    const [base = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(agent.output()) ?? [];
    const ready = async (): Promise<readonly [number, string]> => {
      const response = await fetch(`${base}/readyz`);
      return [response.status, await response.text()];
    };
    await vi.waitFor(async () => expect(await ready()).toEqual([503, expect.stringContaining('the agent may not patch nodes/status')]), {
      timeout: 20_000,
    });
    restore();
    await vi.waitFor(async () => expect(await ready()).toEqual([200, 'ok\n']), { timeout: 20_000 });
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('vhostguard_host_condition{status="False"} 1');
    expect(metrics).toContain('vhostguard_host_writes_total{result="written"} 1');
    expect(await agent.stop()).toBe(0);
  });

  test('ends in good order on SIGTERM, as a program', async () => {
    const server = await startServer();
    const child = spawn(process.execPath, [builtProgram(), ...flagsFor(server)], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const exited = new Promise((resolve) => child.on('close', resolve));
    await eventually(() => expect(conditionIn(server), stderr).toMatchObject({ status: 'False' }));
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(stderr).toContain('says of its host stays');
    // The program may have to be built first.
  }, 180_000);
});
