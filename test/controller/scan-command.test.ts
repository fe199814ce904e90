import { expect, test, vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { brokenVm, PLATFORM, startCluster } from '../support/scan.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('the controller command writes reports, shows its metrics, and leaves the reports when it ends', async () => {
  const server = await startCluster([...PLATFORM, brokenVm('trex')]);
  const output: string[] = [];
  let interrupt: (signal: 'SIGINT') => void = () => undefined;
  const write = (text: string): unknown => output.push(text);
  const where = ['--kubeconfig', server.kubeconfig(), '--certs-dir', temporaryDirectory(), '--webhook-url', 'https://127.0.0.1:9443'];
  const ending = run(['controller', ...where, '--health-listen', '127.0.0.1:0'], {
    stdout: { write },
    stderr: { write },
    stdin: async () => Buffer.alloc(0),
    isTerminal: false,
    env: {},
    now: () => new Date(),
    onSignal: (listener) => {
      interrupt = listener;
    },
  });
  await vi.waitFor(() => expect(server.list('Report')).toHaveLength(2), { timeout: 20_000 });
  const health = /http:\/\/[^/]*\//.exec(output.join(''))?.[0];
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${health}metrics`)).text();
    expect(metrics).toContain('vhostguard_scan_subjects{kind="VirtualMachine",in_scope="true"} 1');
    expect(metrics).toContain('vhostguard_report_writes_total{result="created"} 2');
  });
  interrupt('SIGINT');
  expect(await ending).toBe(0);
  expect(server.list('Report')).toHaveLength(2);
});
