import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/** The directory of the project, without a slash at its end. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const configuration = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly { readonly name: string; readonly comment: string }[];
  readonly options: Readonly<Record<string, unknown>>;
};

/** The import rules of `.dependency-cruiser.cjs`. */
export const WALLS = configuration.forbidden;

/** The smallest trees, by path, that break each wall and no other. */
export const SAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'core-imports-no-room': { 'src/core/a.ts': "import '../kube/b.ts';", 'src/kube/b.ts': '' },
  'kube-imports-only-core': { 'src/kube/a.ts': "import '../engine/b.ts';", 'src/engine/b.ts': '' },
  'engine-imports-only-core-and-kube': {
    'src/engine/a.ts': "import type { B } from '../rules/b.ts';",
    'src/rules/b.ts': 'export type B = 1;',
  },
  'rules-imports-only-core-and-kube-and-engine': { 'src/rules/a.ts': "import '../manifest/b.ts';", 'src/manifest/b.ts': '' },
  'host-plan-imports-only-core-and-kube': { 'src/host-plan/a.ts': "import '../manifest/b.ts';", 'src/manifest/b.ts': '' },
  'host-imports-only-core-and-manifest-and-host-plan': { 'src/host/a.ts': "import '../kube/b.ts';", 'src/kube/b.ts': '' },
  'manifest-imports-only-core': { 'src/manifest/a.ts': "import '../kube/b.ts';", 'src/kube/b.ts': '' },
  'report-imports-only-core-and-engine': { 'src/report/a.ts': "import '../rules/index.ts';", 'src/rules/index.ts': '' },
  'catalogue-imports-only-core-and-kube-and-engine': { 'src/catalogue/a.ts': "import '../rules/index.ts';", 'src/rules/index.ts': '' },
  'graph-imports-only-core-and-kube-and-engine-and-rules': { 'src/graph/a.ts': "import '../report/b.ts';", 'src/report/b.ts': '' },
  'suite-imports-only-core-and-engine-and-manifest-and-report-and-configuration': {
    'src/suite/a.ts': "import '../kube/b.ts';",
    'src/kube/b.ts': '',
  },
  'admission-imports-only-core-and-kube-and-engine': { 'src/admission/a.ts': "import '../telemetry/b.ts';", 'src/telemetry/b.ts': '' },
  'certificates-imports-only-core': { 'src/certificates/a.ts': "import '../telemetry/b.ts';", 'src/telemetry/b.ts': '' },
  'telemetry-imports-only-core': { 'src/telemetry/a.ts': "import '../kube/b.ts';", 'src/kube/b.ts': '' },
  'configuration-imports-only-core-and-manifest': { 'src/configuration/a.ts': "import '../rules/index.ts';", 'src/rules/index.ts': '' },
  'snapshot-imports-only-core-and-manifest': { 'src/snapshot/a.ts': "import '../kube/b.ts';", 'src/kube/b.ts': '' },
  'host-agent-imports-only-core-and-kube-and-engine-and-cluster-and-telemetry': {
    'src/host-agent/a.ts': "import '../rules/index.ts';",
    'src/rules/index.ts': '',
  },
  'cluster-imports-only-core-and-kube': { 'src/cluster/a.ts': "import '../manifest/b.ts';", 'src/manifest/b.ts': '' },
  'host-watch-imports-only-core-and-engine-and-host-and-report': {
    'src/host-watch/a.ts': "import '../rules/index.ts';",
    'src/rules/index.ts': '',
  },
  'controller-imports-only-core-and-kube-and-engine-and-report-and-certificates-and-cluster-and-telemetry': {
    'src/controller/a.ts': "import '../rules/index.ts';",
    'src/rules/index.ts': '',
  },
  'doctor-imports-only-core-and-engine-and-certificates-and-cluster-and-controller': {
    'src/doctor/a.ts': "import '../rules/index.ts';",
    'src/rules/index.ts': '',
  },
  '@kubernetes/client-node-has-one-importer': {
    'src/cli/a.ts': "import '@kubernetes/client-node';",
    'src/cluster/b.ts': "import '@kubernetes/client-node';",
  },
  'ajv-has-one-importer': { 'src/telemetry/a.ts': "import { Ajv } from 'ajv'; new Ajv();" },
  'commander-has-one-importer': { 'src/telemetry/a.ts': "import 'commander';", 'src/cli/b.ts': "import 'commander';" },
  'diff-has-one-importer': { 'src/telemetry/a.ts': "import 'diff';", 'src/cli/b.ts': "import 'diff';" },
  'express-has-one-importer': { 'src/admission/handlers.ts': "import 'express';", 'src/admission/http-server.ts': "import 'express';" },
  'fast-json-patch-has-one-importer': {
    'src/core/repair.ts': "import 'fast-json-patch';",
    'src/core/patch.ts': "import 'fast-json-patch';",
  },
  'pino-has-one-importer': { 'src/admission/a.ts': "import 'pino';", 'src/telemetry/b.ts': "import 'pino';" },
  'prom-client-has-one-importer': { 'src/admission/a.ts': "import 'prom-client';", 'src/telemetry/b.ts': "import 'prom-client';" },
  'selfsigned-has-one-importer': { 'src/cli/a.ts': "import 'selfsigned';", 'src/certificates/b.ts': "import 'selfsigned';" },
  'tinyglobby-has-one-importer': { 'src/manifest/a.ts': "import 'tinyglobby';", 'src/cli/b.ts': "import 'tinyglobby';" },
  'pure-rooms-do-no-io': {
    'src/rules/a.ts': "import 'node:fs';",
    'src/report/b.ts': "import 'node:util';",
    'src/cli/c.ts': "import 'node:fs';",
  },
  'report-and-catalogue-import-engine-types-only': {
    'src/report/a.ts': "import { b } from '../engine/b.ts'; export const a = b;",
    'src/report/c.ts': "import type { b } from '../engine/b.ts'; export type C = typeof b;",
    'src/engine/b.ts': 'export const b = 1;',
  },
  'host-watch-imports-host-types-only': {
    'src/host-watch/a.ts': "import { b } from '../host/b.ts'; export const a = b;",
    'src/host-watch/c.ts': "import type { b } from '../host/b.ts'; export type C = typeof b;",
    'src/host/b.ts': 'export const b = 1;',
  },
  'graph-imports-no-rule': {
    'src/graph/a.ts': "import '../rules/VHG101-a.ts'; import '../rules/shared-word.ts';",
    'src/rules/VHG101-a.ts': '',
    'src/rules/shared-word.ts': '',
  },
  'suite-loads-no-file': {
    'src/suite/a.ts': "import '../configuration/load.ts'; import '../configuration/problem.ts';",
    'src/configuration/load.ts': '',
    'src/configuration/problem.ts': '',
  },
  'rules-do-not-import-each-other': {
    'src/rules/VHG101-a.ts': "import './VHG102-b.ts'; import './shared-word.ts';",
    'src/rules/VHG102-b.ts': '',
    'src/rules/shared-word.ts': '',
  },
  'main-imports-only-cli': { 'src/main.ts': "import './engine/b.ts'; import './cli/a.ts';", 'src/engine/b.ts': '', 'src/cli/a.ts': '' },
  'index-imports-only-pure-rooms': {
    'src/index.ts': "import './cli/b.ts'; import './engine/c.ts';",
    'src/cli/b.ts': '',
    'src/engine/c.ts': '',
  },
  'nothing-imports-an-entry-point': { 'src/cli/a.ts': "import '../main.ts';", 'src/main.ts': '' },
  'no-circular-imports': { 'src/core/a.ts': "import './b.ts';", 'src/core/b.ts': "import type { A } from './a.ts'; export type B = A;" },
  'every-import-resolves': { 'src/core/a.ts': "import './nowhere.ts';" },
  'no-development-packages-at-run-time': { 'src/cli/a.ts': "import 'fast-check';" },
};

/** Runs the walls over the src of a project, or of one made of a few files. */
export async function crossWalls(
  project: string | Readonly<Record<string, string>>,
): Promise<{ violations: { wall: string; from: string; to: string }[]; modules: string[] }> {
  if (typeof project === 'string') return run(project);
  const directory = mkdtempSync(join(tmpdir(), 'vhostguard-walls-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    for (const name of ['package.json', 'tsconfig.json']) writeFileSync(join(directory, name), readFileSync(join(ROOT, name)));
    for (const [path, text] of Object.entries(project)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text === '' ? 'export {};' : text);
    }
    return await run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function run(directory: string): ReturnType<typeof crossWalls> {
  const { tsConfig: _tsConfig, enhancedResolveOptions, ...options } = configuration.options;
  const result = await cruise(
    ['src'],
    { ...options, ruleSet: { forbidden: WALLS }, validate: true, baseDir: directory } as Parameters<typeof cruise>[1],
    enhancedResolveOptions as Parameters<typeof cruise>[2],
    { tsConfig: extractTsConfig(join(directory, 'tsconfig.json')) },
  );
  const { summary, modules } = result.output as ICruiseResult;
  return {
    violations: summary.violations.map(({ rule, from, to }) => ({ wall: rule.name, from, to })),
    modules: modules.map(({ source }) => source),
  };
}
