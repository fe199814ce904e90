import { onTestFinished } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { webhookConfigurations } from '../../src/controller/webhook-configurations.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type { CheckResult, CheckState } from '../../src/doctor/check.ts';
import { RULES } from '../../src/rules/index.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server/server.ts';
import { startTestServer, type TestServer } from './webhook-server.ts';

/** What the doctor said, and how. */
export interface Visit {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `-o json`. */
  readonly checks: readonly CheckResult[];
  /** The one whose title starts so. @throws where there is none, or more */
  check(title: string): CheckResult;
  /** `title: detail` of each check in a state. */
  inState(state: CheckState): string[];
}

/** Runs `vhostguard doctor` for a cluster. */
export async function visit(server: FakeApiServer, flags: readonly string[] = ['-o', 'json'], now: Date = new Date()): Promise<Visit> {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(['doctor', '--kubeconfig', server.kubeconfig(), ...flags], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin: async () => Buffer.alloc(0),
    isTerminal: false,
    env: {},
    now: () => now,
    onSignal: () => undefined,
  });
  const { checks } = (flags.includes('json') && stdout !== '' ? JSON.parse(stdout) : { checks: [] }) as { checks: CheckResult[] };
  const check = (title: string): CheckResult => {
    const [found, second] = checks.filter((each) => each.title.startsWith(title));
    if (found === undefined || second !== undefined) throw new Error(`not one check is called ${title}: ${stdout}${stderr}`);
    return found;
  };
  const inState = (state: CheckState): string[] =>
    checks.filter((each) => each.state === state).map(({ title, detail }) => (detail === undefined ? title : `${title}: ${detail}`));
  return { exitCode, stdout, stderr, checks, check, inState };
}

/** A cluster with webhooks at a URL, all well. */
export interface Patient {
  readonly server: FakeApiServer;
  readonly webhook: TestServer;
  readonly url: string;
  /** The webhook configurations as they are, with members of each webhook replaced. */
  register(changes?: JsonObject, options?: { readonly caBundle?: string; readonly settings?: Settings }): void;
}

const REPORTS = { group: 'openreports.io', version: 'v1alpha1', plural: 'reports', kind: 'Report', namespaced: true };

/** Starts it, until the test is over. */
export async function startPatient(options: Parameters<typeof startTestServer>[0] = {}): Promise<Patient> {
  const [server, webhook] = await Promise.all([startFakeApiServer(), startTestServer(options)]);
  onTestFinished(server.stop);
  onTestFinished(webhook.stop);
  server.register(REPORTS);
  const url = `https://127.0.0.1:${webhook.port}`;
  const register: Patient['register'] = (changes = {}, { caBundle = webhook.ca, settings = DEFAULT_SETTINGS } = {}) => {
    const made = webhookConfigurations({ target: { at: 'url', url }, caBundle, settings, rules: RULES.map(({ meta }) => meta) });
    for (const each of made) server.put({ ...each, webhooks: each.webhooks.map((entry) => ({ ...entry, ...changes })) });
  };
  register();
  return { server, webhook, url, register };
}
