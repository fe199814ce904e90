import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { brokenMachine, machine, NAMESPACE, network, plainMachine } from './objects.ts';
import { eventually, ok, type Replica, type Stage, startLoad } from './stage.ts';

/** What the product does while it runs, while parts of it do not, and when it ends. */
export function operationScenarios(on: () => Stage): void {
  const list = async (kind: string): Promise<string> => ok(await on().kubectl(['get', '-n', NAMESPACE, kind, '-o', 'json'])).stdout;

  test('what is wrong is told in an Event and reported, and the report goes with its VM', async () => {
    const reports = (): Promise<string> => list('reports.openreports.io');
    await eventually(async () => expect(await reports()).toContain('from-before'));
    await eventually(async () => expect(await list('events')).toMatch(/"reason": "RequireHugepages"/));
    ok(await on().kubectl(['delete', '-n', NAMESPACE, 'virtualmachine', 'from-before']));
    await eventually(async () => expect(await reports()).not.toContain('from-before'));
  });

  test('one of two replicas leaves under load, and no request fails', async () => {
    const load = startLoad(on(), machine('under-load'));
    const first = on().replicas[0] as Replica;
    await on().startReplica();
    await load.more(4);
    await on().retire(first);
    await load.more(4);
    expect(first.exitCode()).toBe(0);
    expect(await load.stop()).toEqual({ failed: [], count: expect.any(Number) });
  });

  test('one of two replicas is killed: the other answers', async () => {
    await on().kill(await on().startReplica());
    await eventually(async () => ok(await on().apply(machine('answered'), '--dry-run=server')));
    for (let count = 0; count < 4; count += 1) ok(await on().apply(machine('answered'), '--dry-run=server'));
    expect((await on().apply(brokenMachine('answered'), '--dry-run=server')).stderr).toContain('VHG101');
  });

  test('a new certificate under load costs no request, of two replicas', async () => {
    await on().startReplica();
    const load = startLoad(on(), machine('under-load'));
    await load.more(2);
    rmSync(join(on().certsDir, 'tls.crt'));
    await eventually(async () => {
      for (const { output } of on().replicas) expect(output()).toContain('took over the new certificate');
    });
    await load.more(6);
    expect(await load.stop()).toEqual({ failed: [], count: expect.any(Number) });
    expect(on().replicas).toHaveLength(2);
  });

  test('without the webhooks only what says vhost-user itself is refused, and what there is can be labelled and deleted', async () => {
    for (const replica of [...on().replicas]) {
      await on().retire(replica);
      expect(replica.exitCode()).toBe(0);
    }
    ok(await on().apply(plainMachine('plain-2')));
    const { ok: isOk, stderr } = await on().apply(machine('unjudged'));
    expect([isOk, stderr]).toEqual([false, expect.stringContaining('vhostguard')]);
    ok(await on().kubectl(['label', '-n', NAMESPACE, 'virtualmachine', 'repaired', 'touched=yes']));
    ok(await on().kubectl(['scale', '-n', NAMESPACE, 'virtualmachineinstancereplicaset', 'many', '--replicas=1']));
    ok(await on().kubectl(['delete', '-n', NAMESPACE, 'virtualmachine', 'repaired']));
    await on().startReplica();
    await eventually(async () => ok(await on().apply(machine('unjudged'))));
  });

  test('webhooks that somebody deletes come back', async () => {
    ok(await on().kubectl(['delete', 'mutatingwebhookconfiguration,validatingwebhookconfiguration', 'vhostguard']));
    await eventually(async () => {
      const { stdout } = await on().kubectl(['get', 'mutatingwebhookconfiguration,validatingwebhookconfiguration', '-o', 'name']);
      expect(stdout.match(/vhostguard$/gm)).toHaveLength(2);
    });
    await eventually(async () => expect((await on().apply(brokenMachine('broken'), '--dry-run=server')).stderr).toContain('VHG101'));
  });

  test('the product survives a restart of the API server', async () => {
    await on().cluster.stopServer();
    await sleep(2000);
    await on().cluster.startServer();
    await eventually(async () => ok(await on().apply(network('after-restart'))));
    const object = machine('after-restart', { networks: [{ name: 'data', multus: { networkName: 'after-restart' } }] });
    // Each failure doubles the wait for the next attempt, up to a minute.
    await eventually(async () => ok(await on().apply(object)), 100_000);
    for (const program of [...on().replicas, on().controller]) await program.whenReady();
  });

  test('the controller leaves nothing behind when it is stopped', async () => {
    await on().controller.end('SIGTERM');
    expect(on().controller.exitCode()).toBe(0);
    const { stdout } = await on().kubectl(['get', 'mutatingwebhookconfiguration,validatingwebhookconfiguration', '-o', 'name']);
    expect(stdout).not.toContain('vhostguard');
    await eventually(async () => ok(await on().apply(brokenMachine('broken'))));
  });
}
