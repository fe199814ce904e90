import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AdmissionResponse } from '../../src/admission/review.ts';
import { builtProgram } from '../support/built-program.ts';
import { startLoad } from '../support/load.ts';
import { recorded } from '../support/reviews.ts';
import { serving, startProgram } from '../support/serving-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

beforeAll(() => {
  builtProgram();
});

describe('vhostguard serve', () => {
  test('makes certificates, says what it serves and gives a curl line that shows a repair and a denial', async () => {
    const running = startProgram();
    const { client } = await serving(running);
    const output = running.output();
    expect(output).toContain(`made a development certificate in ${running.certsDir}\n`);
    expect(output).toMatch(
      /^ +curl --cacert \S+\/ca\.crt -H 'content-type: application\/json' -d @test\/data\/sample-review\.json https:\S+\/\{mutate,validate\}$/m,
    );
    const sample = /@(\S+)/.exec(output)?.[1] ?? '';
    const body = readFileSync(join(ROOT, sample));
    const [mutated, validated] = await Promise.all(
      ['/mutate', '/validate'].map(
        async (path) => (JSON.parse((await client.post({ path, body })).text) as { response: AdmissionResponse }).response,
      ),
    );
    expect(mutated).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(validated).toMatchObject({ allowed: false, status: { code: 422 } });
    running.process.kill('SIGINT');
    expect(await running.exited).toBe(0);
  });

  test('SIGTERM under load: unready at once, no request dropped, exit 0', async () => {
    const running = startProgram(['--drain', '2']);
    const { client, health } = await serving(running);
    const load = startLoad(client, recorded('02'));
    await sleep(300);
    running.process.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${health}/readyz`)).status).toBe(503);
    await sleep(500);
    const { replies, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(replies.at(-1)?.headers.connection).toBe('close');
    expect(await running.exited).toBe(0);
    client.close();
  });

  test('a second signal does not wait for the drain time', async () => {
    const running = startProgram(['--drain', '300']);
    await serving(running);
    running.process.kill('SIGTERM');
    await sleep(100);
    running.process.kill('SIGTERM');
    expect(await running.exited).toBe(0);
  });

  test('a port in use is exit 3 and says what to do', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      occupant.close();
    });
    await new Promise((resolve) => occupant.on('listening', resolve));
    const { port } = occupant.address() as { port: number };
    for (const flag of ['--listen', '--health-listen']) {
      const running = startProgram([flag, `127.0.0.1:${port}`]);
      expect(await running.exited).toBe(3);
      expect(running.output()).toMatch(
        new RegExp(`^vhostguard: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*\\n +hint: another process listens there`, 'm'),
      );
      expect(running.output()).not.toMatch(/\n\s+at /);
    }
  });

  test.for<[string[], RegExp]>([
    [['--listen', '9443'], /^vhostguard: --listen must be HOST:PORT, not "9443"$/m],
    [['--health-listen', '127.0.0.1:99999'], /^vhostguard: --health-listen must be HOST:PORT/m],
    [['--drain', 'soon'], /^vhostguard: --drain must be a number of seconds from 0 to 300, not "soon"$/m],
  ])('%s is exit 2', async ([flags, message]) => {
    const running = startProgram(flags);
    expect(await running.exited).toBe(2);
    expect(running.output()).toMatch(message);
  });

  test('a certificate of somebody else that is broken is exit 3 and stays', async () => {
    const certsDir = temporaryDirectory();
    for (const name of ['tls.crt', 'tls.key']) writeFileSync(join(certsDir, name), 'not PEM');
    const running = startProgram([], { certsDir });
    expect(await running.exited).toBe(3);
    expect(running.output()).toMatch(/^vhostguard: tls\.crt is unusable: .*\n +hint: /m);
    expect(readFileSync(join(certsDir, 'tls.key'), 'utf8')).toBe('not PEM');
  });
});
