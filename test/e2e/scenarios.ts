import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Cluster } from './cluster.ts';
import { type Kubectl, type KubectlResult, kubectlFor } from './kubectl.ts';
import { brokenMachine, KUBEVIRT, launcherPod, machine, NAMESPACE, NODE, namespace, network, plainMachine } from './objects.ts';
import { type Program, said, scratchDirectory, startProgram } from './product.ts';

const LABEL = 'network.operator.openshift.io/external-openvswitch';

/** Longest wait for what the product does by itself, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * What the product does for a user of kubectl: the controller and the webhooks run as processes of their own beside the cluster.
 * The tests build on each other, in their order.
 */
export function describeProduct(name: string, start: () => Promise<Cluster>): void {
  describe.sequential(name, { timeout: 90_000 }, () => {
    let cluster: Cluster;
    let kubectl: Kubectl;
    let controller: Program;
    let serve: Program;
    let address = '127.0.0.1:0';
    const scratch = scratchDirectory();
    const certsDir = join(scratch.path, 'certs');
    const apply = (object: JsonObject, ...args: string[]): Promise<KubectlResult> =>
      kubectl(['apply', '--validate=false', ...args, '-f', '-'], object);
    const read = async (kind: string, objectName: string): Promise<Record<string, never> | undefined> => {
      const { ok, stdout } = await kubectl(['get', '-n', NAMESPACE, kind, objectName, '-o', 'json']);
      return ok ? JSON.parse(stdout) : undefined;
    };
    const startServe = async (): Promise<void> => {
      serve = await startProgram([
        'serve',
        '--kubeconfig',
        cluster.kubeconfig,
        '--certs-dir',
        certsDir,
        '--listen',
        address,
        '--drain',
        '0',
      ]);
      address = await said(/https:\/\/(127\.0\.0\.1:\d+)/, serve.output, { exitCode: null });
      await serve.whenReady();
    };
    const startController = async (): Promise<void> => {
      const where = ['--certs-dir', certsDir, '--webhook-url', `https://${address}`];
      controller = await startProgram(['controller', '--kubeconfig', cluster.kubeconfig, ...where]);
      await controller.whenReady();
    };

    beforeAll(async () => {
      cluster = await start();
      kubectl = kubectlFor(cluster.kubeconfig);
      for (const each of [
        namespace(NAMESPACE),
        namespace('kubevirt'),
        KUBEVIRT,
        NODE,
        network(),
        brokenMachine('from-before', { finalizers: ['example.com/held'] }),
      ])
        ok(await apply(each));
      await startServe();
      await startController();
    }, 240_000);

    afterAll(async () => {
      await controller?.end('SIGKILL');
      await serve?.end('SIGKILL');
      await cluster?.close();
      scratch.remove();
    }, 60_000);

    test('a VM that cannot work is denied, with every cause', async () => {
      const { ok: isOk, stderr } = await apply(brokenMachine('broken'));
      expect(isOk).toBe(false);
      expect(stderr).toContain('VHG101');
      expect(stderr).toContain('VHG120');
      expect(stderr).toContain('spec.template.spec.domain.memory');
      expect(await read('virtualmachine', 'broken')).toBeUndefined();
    });

    test('a VM that lacks a node selector gets it, and its user is told', async () => {
      const { stderr } = ok(await apply(machine('repaired')));
      expect(stderr).toContain('VHG110 repaired');
      expect(await read('virtualmachine', 'repaired')).toMatchObject({ spec: { template: { spec: { nodeSelector: { [LABEL]: '' } } } } });
    });

    test('applying the same VM again changes nothing', async () => {
      const before = await read('virtualmachine', 'repaired');
      ok(await apply(machine('repaired')));
      expect((await read('virtualmachine', 'repaired'))?.['spec']).toEqual(before?.['spec']);
    });

    test('a dry run on the server tells the same and keeps nothing', async () => {
      expect((await apply(brokenMachine('dry'), '--dry-run=server')).ok).toBe(false);
      ok(await apply(machine('dry'), '--dry-run=server'));
      expect(await read('virtualmachine', 'dry')).toBeUndefined();
    });

    test('server-side apply is judged and repaired too', async () => {
      expect((await apply(brokenMachine('applied'), '--server-side')).stderr).toContain('VHG101');
      ok(await apply(machine('applied'), '--server-side'));
      expect(await read('virtualmachine', 'applied')).toMatchObject({ spec: { template: { spec: { nodeSelector: { [LABEL]: '' } } } } });
    });

    test('a network that no VM can use is denied', async () => {
      const { ok: isOk, stderr } = await apply(
        network('server', { host: { engine: 'ovs-dpdk', iftype: 'vhostuser', netType: 'bridge', vhost: { mode: 'server' } } }),
      );
      expect([isOk, stderr]).toEqual([false, expect.stringContaining('VHG203')]);
    });

    test('a launcher pod gets the socket volume, its mount and the group', async () => {
      ok(await kubectl(['create', '--validate=false', '-f', '-'], launcherPod('virt-launcher-e2e')));
      const pod = await read('pod', 'virt-launcher-e2e');
      expect(pod).toMatchObject({
        spec: { nodeSelector: { [LABEL]: '' }, securityContext: { supplementalGroups: expect.arrayContaining([801]) } },
      });
      expect(JSON.stringify(pod?.['spec']?.['volumes'])).toContain('"shared-dir"');
    });

    test('a VM from before keeps its faults, and its finalizers can be removed', async () => {
      ok(await kubectl(['label', '-n', NAMESPACE, 'virtualmachine', 'from-before', 'touched=yes']));
      ok(
        await kubectl([
          'patch',
          '-n',
          NAMESPACE,
          'virtualmachine',
          'from-before',
          '--type=merge',
          '-p',
          '{"metadata":{"finalizers":null}}',
        ]),
      );
      expect((await read('virtualmachine', 'from-before'))?.['metadata']).not.toHaveProperty('finalizers');
    });

    test('a VM from before does not get worse', async () => {
      const worse = { spec: { template: { spec: { domain: { cpu: { dedicatedCpuPlacement: false } } } } } };
      const { stderr } = await kubectl([
        'patch',
        '-n',
        NAMESPACE,
        'virtualmachine',
        'from-before',
        '--type=merge',
        '-p',
        JSON.stringify(worse),
      ]);
      expect(stderr).toContain('VHG104');
    });

    test('a VM without a vhost-user NIC is never touched', async () => {
      const { stderr } = ok(await apply(plainMachine('plain')));
      expect(stderr).not.toContain('VHG');
      expect((await read('virtualmachine', 'plain'))?.['spec']).toEqual(plainMachine('plain')['spec']);
    });

    test('a network that appears counts at once', async () => {
      const onNew = machine('on-new', { networks: [{ name: 'data', multus: { networkName: 'brand-new' } }] });
      expect((await apply(onNew)).stderr).toContain('VHG120');
      ok(await apply(network('brand-new')));
      await eventually(async () => expect((await apply(onNew)).ok).toBe(true));
    });

    test('what is wrong is reported, and the report goes with its VM', async () => {
      const reportNames = async (): Promise<string> =>
        (await kubectl(['get', '-n', NAMESPACE, 'reports.openreports.io', '-o', 'json'])).stdout;
      await eventually(async () => expect(await reportNames()).toContain('from-before'));
      ok(await kubectl(['delete', '-n', NAMESPACE, 'virtualmachine', 'from-before']));
      await eventually(async () => expect(await reportNames()).not.toContain('from-before'));
    });

    test('without the webhooks a plain VM is accepted, and one that says vhost-user is not', async () => {
      await serve.end('SIGTERM');
      expect(serve.exitCode()).toBe(0);
      ok(await apply(plainMachine('plain-2')));
      const { ok: isOk, stderr } = await apply(machine('unjudged'));
      expect([isOk, stderr]).toEqual([false, expect.stringContaining('vhostguard')]);
      await startServe();
      await eventually(async () => expect((await apply(machine('unjudged'))).ok).toBe(true));
    });

    test('a new certificate under load costs no request', async () => {
      let isDone = false;
      const results: KubectlResult[] = [];
      const load = (async () => {
        while (!isDone) results.push(await apply(machine('under-load'), '--dry-run=server'));
      })();
      rmSync(join(certsDir, 'tls.crt'));
      await eventually(() => {
        expect(serve.output()).toContain('took over the new certificate');
        return Promise.resolve();
      });
      await sleep(1000);
      isDone = true;
      await load;
      expect(results.length).toBeGreaterThan(3);
      expect(results.filter((each) => !each.ok)).toEqual([]);
    });

    test('webhooks that somebody deletes come back', async () => {
      ok(await kubectl(['delete', 'mutatingwebhookconfiguration,validatingwebhookconfiguration', 'vhostguard']));
      await eventually(async () => expect((await apply(brokenMachine('broken'), '--dry-run=server')).stderr).toContain('VHG101'));
    });

    test('the product survives a restart of the API server', async () => {
      await cluster.stopServer();
      await sleep(2000);
      await cluster.startServer();
      ok(await apply(network('after-restart')));
      const object = machine('after-restart', { networks: [{ name: 'data', multus: { networkName: 'after-restart' } }] });
      await eventually(async () => expect((await apply(object)).stderr).not.toContain('VHG120'));
      await serve.whenReady();
      await controller.whenReady();
    });

    test('the controller leaves nothing behind when it is stopped', async () => {
      await controller.end('SIGTERM');
      expect(controller.exitCode()).toBe(0);
      const { stdout } = await kubectl(['get', 'mutatingwebhookconfiguration,validatingwebhookconfiguration', '-o', 'name']);
      expect(stdout).not.toContain('vhostguard');
      ok(await apply(brokenMachine('broken')));
    });
  });
}

function ok(result: KubectlResult): KubectlResult {
  if (!result.ok) throw new Error(`kubectl failed: ${result.stderr}`);
  return result;
}

/** Waits until what is expected comes true. */
async function eventually(expectation: () => Promise<void>): Promise<void> {
  await expect
    .poll(
      async () =>
        expectation().then(
          () => true,
          (error: Error) => error.message,
        ),
      { timeout: PATIENCE_MS, interval: 300 },
    )
    .toBe(true);
}
