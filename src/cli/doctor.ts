import { openKubeconfig } from '../cluster/kubeconfig.ts';
import { createSend } from '../cluster/writes.ts';
import { readConfiguration } from '../configuration/load.ts';
import { AppError } from '../core/errors.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { RULES } from '../rules/index.ts';
import { configurationFrom } from './configuration.ts';
import { createTextRenderer, renderJson, summaryLine } from './doctor-formats.ts';
import type { CommandIo, ExitCode } from './io.ts';

export interface DoctorFlags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly webhookUrl?: string;
  readonly canaryNamespace: string;
  readonly config?: string;
  readonly output: 'text' | 'json';
  readonly color: boolean;
}

/** Longest wait for an answer to a read, and for a handshake, in milliseconds. */
const READ_TIMEOUT_MS = 10_000;

/** As `READ_TIMEOUT_MS`, for canaries: the API server itself gives up on a request after 34 s, whatever its webhooks do. */
const CANARY_TIMEOUT_MS = 40_000;

/** `vhostguard doctor`: looks if what is installed in a cluster works. Exits 1 when a check fails, 3 when the cluster cannot be reached. @throws AppError */
export async function doctor(flags: DoctorFlags, io: CommandIo): Promise<ExitCode> {
  const access = openKubeconfig({ kubeconfig: flags.kubeconfig, timeoutMs: READ_TIMEOUT_MS });
  const rules = RULES.map(({ meta }) => meta);
  const render = createTextRenderer(flags.color && io.isTerminal && (io.env['NO_COLOR'] ?? '') === '');
  const isText = flags.output === 'text';
  const diagnosis = await diagnose(
    {
      send: createSend(access, READ_TIMEOUT_MS),
      sendCanary: createSend(access, CANARY_TIMEOUT_MS),
      namespace: flags.namespace,
      webhookUrl: flags.webhookUrl === undefined ? undefined : originOf(flags.webhookUrl),
      canaryNamespace: flags.canaryNamespace,
      rules,
      settings: flags.config === undefined ? undefined : (await configurationFrom(flags.config)).settings,
      readSettings: async (text) => (await readConfiguration(text, 'config.yaml', rules)).settings,
      timeoutMs: READ_TIMEOUT_MS,
      now: io.now().getTime(),
    },
    (result) => {
      if (isText) io.stdout.write(render(result));
    },
  );
  io.stdout.write(isText ? summaryLine(diagnosis) : renderJson(diagnosis));
  if (!diagnosis.isFinished) return 3;
  return diagnosis.results.some(({ state }) => state === 'fail') ? 1 : 0;
}

/** @throws AppError USAGE */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && ['', '/'].includes(url.pathname)) return url.origin;
  throw new AppError('USAGE', `--webhook-url must be https://HOST:PORT without a path, not ${JSON.stringify(text)}`, {
    hint: 'the same as that of `vhostguard controller`, for example https://127.0.0.1:9443',
  });
}
