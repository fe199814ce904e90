import { onTestFinished } from 'vitest';
import { readKubeconfig } from '../../src/cluster/kubeconfig.ts';
import { createSend, type Send } from '../../src/cluster/writes.ts';
import { startUpkeep, type Upkeep, type UpkeepOptions } from '../../src/controller/upkeep.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { RULES } from '../../src/rules/index.ts';
import { createLogger, type Logger } from '../../src/telemetry/logger.ts';
import type { FakeApiServer } from './fake-api-server/server.ts';

/** A logger, and what it wrote: level and message of each line. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string };
    lines.push(`${level}: ${msg}`);
  };
  return { logger: createLogger('info', { write }), lines };
}

/** A way to a fake API server, as the controller has it. */
export function sendTo(server: FakeApiServer, timeoutMs = 5000): Send {
  const kubeconfig = server.kubeconfig();
  return createSend(() => readKubeconfig({ kubeconfig, timeoutMs }), timeoutMs);
}

/** What an upkeep tells. */
export interface TestUpkeep {
  readonly upkeep: Upkeep;
  readonly lines: readonly string[];
}

/** An upkeep that looks every 20 ms and ends with the test. Webhooks are at a URL unless `options` say otherwise. */
export function startTestUpkeep(send: Send, options: Partial<UpkeepOptions> = {}): TestUpkeep {
  const { logger, lines } = recordingLogger();
  const upkeep = startUpkeep({
    send,
    target: { at: 'url', url: 'https://127.0.0.1:9443' },
    registeredBy: 'https://127.0.0.1:9443',
    rules: RULES.map(({ meta }) => meta),
    settings: () => DEFAULT_SETTINGS,
    logger,
    metrics: { certificate: () => undefined, upkeep: () => undefined },
    now: Date.now,
    intervalMs: 20,
    ...options,
  });
  onTestFinished(() => upkeep.stop());
  return { upkeep, lines };
}
