import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterEach, type TestContext } from 'vitest';
import { missingPrograms, type Needs } from './programs.ts';
import { RealSwitch } from './real-switch.ts';
import type { User } from './user.ts';

interface Wanted extends Needs {
  readonly otherConfig?: Readonly<Record<string, string>>;
  /** Whom OVS runs as, when not as who runs the test. */
  readonly user?: User;
}

/**
 * True where all processes of the host are seen, which only root does, and only on a host of its own; others do not know what those of others
 * listen on.
 */
export const SEES_ALL = process.getuid?.() === 0 && existsSync('/proc/2/comm') && readFileSync('/proc/2/comm', 'utf8') === 'kthreadd\n';

/** DPDK's arguments for this much memory in MiB, without hugepages. */
export function dpdkExtra(memoryMiB: number): string {
  return `--no-pci --no-huge --legacy-mem -m ${memoryMiB} --iova-mode=va --no-telemetry`;
}

/** What starts a real switch for one test, which ends with it. The test skips, and says why, where there is none to be had. */
export function useRealSwitch(): (context: Pick<TestContext, 'skip'>, wanted?: Wanted) => Promise<RealSwitch> {
  let running: RealSwitch | undefined;
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  return async ({ skip }, { otherConfig = {}, user, ...needs } = {}) => {
    const missing = missingPrograms(needs);
    skip(missing.length > 0, `not on this machine: ${missing.join(', ')}`);
    skip(user !== undefined && process.getuid?.() !== 0, 'only root can run programs as other users');
    running = await RealSwitch.start(otherConfig, { user, ...(needs.build === undefined ? {} : { build: needs.build }) });
    return running;
  };
}

/** A server that takes connections and never says a word, as a QEMU whose guest has no driver. */
export async function listenInSilence(path: string): Promise<AsyncDisposable> {
  const connections: Socket[] = [];
  const server = createServer((connection) => connections.push(connection));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
