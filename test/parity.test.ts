import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer } from '../src/admission/answer.ts';
import { createHandlers } from '../src/admission/handlers.ts';
import type { JsonObject } from '../src/core/json.ts';
import { toFieldPath } from '../src/core/path.ts';
import { subjectOf } from '../src/core/subject.ts';
import { readManifests } from '../src/manifest/read.ts';
import { engineOver } from './support/fixture.ts';
import { runCli } from './support/run-cli.ts';
import { bentObjects, RECORDED_OBJECTS } from './support/wild-objects.ts';

const EXAMPLES = 'deploy/examples';
const context = readdirSync(EXAMPLES).flatMap((name) => readManifests(readFileSync(`${EXAMPLES}/${name}`, 'utf8'), name).manifests);
const engine = engineOver(context.map(({ object }) => object));
const handlers = createHandlers(() => engine);

interface WireResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly status?: { readonly details: { readonly causes: readonly { readonly message: string; readonly field: string }[] } };
}

/** What a webhook answers for creating an object, through its bytes. */
function ask(webhook: 'mutate' | 'validate', object: JsonObject): WireResponse {
  const { apiVersion, kind, namespace, name } = subjectOf(object, 'default');
  const [version, group] = apiVersion.split('/').toReversed();
  const request = { uid: 'parity', kind: { group: group ?? '', version, kind }, operation: 'CREATE', namespace, name, object };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const { httpStatus, body } = answer(webhook, handlers[webhook], Buffer.from(JSON.stringify(review)));
  expect(httpStatus).toBe(200);
  return (JSON.parse(body) as { readonly response: WireResponse }).response;
}

function webhookOf(object: JsonObject) {
  const mutated = ask('mutate', object);
  const patch: unknown = mutated.patch === undefined ? [] : JSON.parse(Buffer.from(mutated.patch, 'base64').toString('utf8'));
  const validated = ask('validate', engine.repair(subjectOf(object, 'default')).object);
  const causes = validated.status?.details.causes.map(({ message, field }) => `${message.slice(0, 6)} ${field}`) ?? [];
  return { patch, allowed: validated.allowed, causes };
}

function engineOf(object: JsonObject) {
  const { patch, verdict } = engine.judge(subjectOf(object, 'default'));
  const causes = verdict.denials.map(({ rule, path }) => `${rule} ${toFieldPath(path)}`);
  return { patch, allowed: verdict.allowed, causes };
}

interface CliReport {
  readonly findings: readonly {
    readonly rule: string;
    readonly field: string;
    readonly status: string;
    readonly repaired: boolean;
    readonly file: string;
  }[];
}

async function cliOf(object: JsonObject) {
  const stdin = JSON.stringify(object);
  const patched = await runCli(['mutate', '-o', 'patch', '-', EXAMPLES], { stdin });
  const checked = await runCli(['check', '-o', 'json', '-', EXAMPLES], { stdin });
  const [{ patch }] = JSON.parse(patched.stdout) as [{ readonly patch: unknown }];
  const { findings } = JSON.parse(checked.stdout) as CliReport;
  const denials = findings.filter(({ status, repaired, file }) => status === 'fail' && !repaired && file === '<stdin>');
  return { patch, allowed: checked.exitCode === 0, causes: denials.map(({ rule, field }) => `${rule} ${field}`) };
}

describe('webhooks, command line and engine', () => {
  test('agree on verdict, causes and patch for every recorded object', async () => {
    for (const object of RECORDED_OBJECTS) {
      const expected = engineOf(object);
      expect(webhookOf(object)).toEqual(expected);
      const fromFiles = await cliOf(object);
      expect({ ...fromFiles, causes: fromFiles.causes.toSorted() }).toEqual({ ...expected, causes: expected.causes.toSorted() });
    }
  });

  test('agree on anything that can be sent', () => {
    fc.assert(
      fc.property(bentObjects, (object) => {
        const sent = JSON.parse(JSON.stringify(object)) as JsonObject;
        expect(webhookOf(sent)).toEqual(engineOf(sent));
      }),
      { numRuns: 500 },
    );
  });
});
