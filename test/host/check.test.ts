import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const EXAMPLE = 'deploy/examples/host-snapshot.yaml';

interface JsonReport {
  readonly summary: { readonly objects: number; readonly inScope: number };
  readonly findings: readonly {
    readonly rule: string;
    readonly status: string;
    readonly message: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  }[];
}

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vg-host-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function reportOf(...argv: readonly string[]): Promise<JsonReport & { readonly exitCode: number }> {
  const { exitCode, stdout } = await runCli([...argv, '-o', 'json']);
  return { ...(JSON.parse(stdout) as JsonReport), exitCode };
}

function brokenExample(good: string, bad: string): string {
  const file = join(directory, 'host.yaml');
  const text = readFileSync(EXAMPLE, 'utf8');
  expect(text).toContain(good);
  writeFileSync(file, text.replace(good, bad));
  return file;
}

describe('check of a snapshot', () => {
  test('has nothing to say of a healthy host', async () => {
    const { exitCode, summary, findings } = await reportOf('check', EXAMPLE);
    expect({ exitCode, summary, findings }).toMatchObject({ exitCode: 0, summary: { objects: 1, inScope: 1 }, findings: [] });
  });

  test('shows the line of the snapshot that is wrong, and the command that mends it', async () => {
    const file = brokenExample('driver: vfio-pci', 'driver: i40e');
    const { exitCode, stdout } = await runCli(['check', file]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `${file}:62:15: error VHG503 require-vfio-driver: 0000:18:00.0 is held by the driver "i40e": run \`driverctl set-override 0000:18:00.0 vfio-pci\``,
    );
  });

  test('takes an exemption in an annotation of the snapshot', async () => {
    const text = readFileSync(EXAMPLE, 'utf8').replace('pmd-cpu-mask: c0c', 'pmd-cpu-mask: c08');
    const file = join(directory, 'host.yaml');
    const annotation = 'annotations: { vhostguard.dev/exempt: "VHG512=hyper-threads are off in the firmware" }';
    writeFileSync(file, text.replace('  name: worker-0', `  name: worker-0\n  ${annotation}`));
    const { findings } = await reportOf('check', file);
    expect(findings.map(({ rule, status }) => `${rule} ${status}`)).toEqual(['VHG512 skip']);
  });

  test.each([
    ['version: 1', 'version: 2'],
    ['apiVersion: vhostguard.dev/v1alpha1', 'apiVersion: vhostguard.dev/v9'],
  ])('judges nothing in a snapshot of another form than %s, and says so', async (ours, other) => {
    const file = brokenExample(ours, other);
    const { exitCode, findings } = await reportOf('check', file);
    expect(exitCode).toBe(1);
    expect(findings.filter(({ status }) => status !== 'skip').map(({ rule }) => rule)).toEqual(['VHG100']);
  });

  test('counts a host as one, and not as an object with a NIC', async () => {
    expect((await runCli(['check', EXAMPLE])).stdout).toMatch(/^1 host; pass: \d+/);
    const mixed = await runCli(['check', EXAMPLE, 'deploy/examples/network.yaml', 'deploy/examples/virtual-machine.yaml']);
    expect(mixed.stdout).toMatch(/^3 objects, 2 with vhost-user, 1 host; pass: \d+/m);
  });

  test('is not silenced by namespaces that are left out: a host is in none', async () => {
    const configuration = join(directory, 'vhostguard.yaml');
    writeFileSync(configuration, 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\nnamespaces: { exclude: [default] }\n');
    const file = brokenExample('state: answers', 'state: dead');
    const { exitCode } = await reportOf('check', '--config', configuration, file);
    expect(exitCode).toBe(1);
  });
});

describe('host check', () => {
  test('says of a host what check says of its snapshot', async () => {
    const file = join(directory, 'snapshot.yaml');
    const flags = ['--root', directory, '--name', 'worker-1', '--timeout', '1'];
    expect(await runCli(['host', 'snapshot', ...flags, '-o', file])).toMatchObject({ exitCode: 0, stderr: '' });
    const live = await reportOf('host', 'check', ...flags);
    const captured = await reportOf('check', file);
    // The texts in which both point at lines differ: YAML that someone keeps, and one that nobody sees.
    const withoutPlace = ({ findings }: JsonReport) => findings.map(({ file, line, column, ...finding }) => finding);
    expect(withoutPlace(live)).toEqual(withoutPlace(captured));
    expect(live.exitCode).toBe(captured.exitCode);
  });

  test('calls a host without anything a host without OVS, and guesses nothing else', async () => {
    const { exitCode, findings } = await reportOf('host', 'check', '--root', directory, '--pci', '0000:18:00.0', '--timeout', '1');
    expect(exitCode).toBe(1);
    expect(findings.filter(({ status }) => status !== 'skip').map(({ rule }) => rule)).toEqual(['VHG510']);
    const skipped = findings.filter(({ status }) => status === 'skip').map(({ rule }) => rule);
    expect(skipped).toEqual(expect.arrayContaining(['VHG501', 'VHG502', 'VHG503', 'VHG504', 'VHG505']));
    for (const { message } of findings) expect(message).not.toMatch(/scandir|ENOENT/);
  });

  test('ends in time when OVSDB says nothing', async () => {
    const ovsdb = join(directory, 'db.sock');
    const { server, connections } = await listen(ovsdb);
    const { exitCode, findings } = await reportOf('host', 'check', '--root', directory, '--ovsdb', ovsdb, '--timeout', '0.2');
    for (const connection of connections) connection.destroy();
    server.close();
    expect(exitCode).toBe(1);
    const [finding] = findings.filter(({ status }) => status !== 'skip');
    expect(finding).toMatchObject({
      rule: 'VHG510',
      message: expect.stringContaining('listens and gives no usable answer: the server has not answered within'),
    });
  });

  test.each([
    ['is not there', () => join(directory, 'none'), 'there is no such file or directory'],
    ['is a file', () => EXAMPLE, 'is a file and no directory'],
  ])('finds nothing of a host whose root %s, but cannot finish', async (_name, root, reason) => {
    for (const command of ['check', 'snapshot']) {
      const { exitCode, stdout, stderr } = await runCli(['host', command, '--root', root()]);
      expect([exitCode, stdout]).toEqual([3, '']);
      expect(stderr).toContain(`cannot read the host at "${root()}"`);
      expect(stderr).toContain(reason);
      expect(stderr).toContain('give --root the directory');
    }
  });

  test('takes the severity from which on it fails', async () => {
    expect(await runCli(['host', 'check', '--root', directory, '--fail-on', 'never'])).toMatchObject({ exitCode: 0 });
    expect(await runCli(['host', 'check', '--root', directory, '--fail-on', 'fatal'])).toMatchObject({ exitCode: 2 });
  });

  test('writes every format', async () => {
    const sarif = join(directory, 'host.sarif');
    const { stdout } = await runCli(['host', 'check', '--root', directory, '-o', 'markdown', '-o', `sarif=${sarif}`]);
    expect(stdout).toContain('VHG510');
    expect(readFileSync(sarif, 'utf8')).toContain('VHG510');
  });
});

async function listen(path: string): Promise<{ readonly server: Server; readonly connections: readonly Socket[] }> {
  const connections: Socket[] = [];
  const server = createServer((connection) => connections.push(connection));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { server, connections };
}
