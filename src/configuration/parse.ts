import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { DEFAULT_SETTINGS, type Enforcement, type Exemption, type Settings } from '../core/settings.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { readManifests } from '../manifest/read.ts';
import { createSchemaCheck, describeProblems, describeSyntaxProblem, withoutNulls } from './checked-document.ts';
import { byRuleId, findReferenceProblems, type RuleReference } from './rule-references.ts';
import { CONFIGURATION_SCHEMA } from './schema.ts';

/** The configuration as its schema has it: every key of `Settings` may be absent, and keys within its groups too. */
interface Configuration extends Partial<Pick<Settings, 'enforcement' | 'bindings' | 'allowAnnotations'>> {
  readonly rules?: Readonly<Record<string, Enforcement>>;
  readonly placement?: Partial<Settings['placement']>;
  readonly socket?: Partial<Settings['socket']>;
  readonly group?: Partial<Settings['group']>;
  readonly ovs?: Partial<Settings['ovs']>;
  readonly namespaces?: Partial<Settings['namespaces']>;
  readonly reports?: Partial<Settings['reports']>;
  readonly exemptions?: readonly (Pick<Exemption, 'rules' | 'reason'> & Partial<Exemption>)[];
}

/** A configuration file that was read. */
export interface ParsedConfiguration {
  readonly settings: Settings;
  /** Where its keys stand. */
  readonly manifest: Manifest;
}

const findSchemaProblems = createSchemaCheck(CONFIGURATION_SCHEMA, {
  apiVersion: 'is missing: the file must say "apiVersion: vhostguard.dev/v1alpha1"',
  kind: 'is missing: the file must say "kind: Configuration"',
  rules: 'is missing: an exemption must name the rules that it is from',
  reason: 'is missing: an exemption must say why it is there',
});

const HINT = 'docs/configuration.md describes every key';

/**
 * The settings that a configuration's text asks for, over the defaults. A key without a value is as good as absent.
 *
 * @param file the name for messages.
 * @throws AppError CONFIG_INVALID whose message has one line `file:line:column: …` for every mistake.
 */
export function parseConfiguration(text: string, file: string, rules: readonly RuleReference[]): ParsedConfiguration {
  const { manifests, errors } = readManifests(text, file);
  if (errors.length > 0) throw invalid(errors.map(describeSyntaxProblem));
  const [manifest, second] = manifests;
  if (manifest === undefined) throw invalid([`${file}:1:1: the file is empty: it must hold one document of kind Configuration`]);
  if (second !== undefined) throw invalid([`${file}:${second.line}:1: the file must hold one document, not ${manifests.length}`]);
  const candidate = withOff(withoutNulls(manifest.object));
  const problems = [...findSchemaProblems(candidate), ...findReferenceProblems(candidate, rules)];
  if (problems.length > 0) throw invalid(describeProblems(manifest, problems));
  return { settings: merge(candidate as unknown as Configuration, rules), manifest };
}

function invalid(problems: readonly string[]): AppError {
  return new AppError('CONFIG_INVALID', problems.join('\n'), { hint: HINT });
}

/** Kubernetes' YAML reads an unquoted `off` as false, and nobody should have to know. */
function withOff(object: JsonObject): JsonObject {
  const { rules } = object;
  if (!isObject(rules)) return object;
  const overrides = Object.entries(rules).map(([rule, enforcement]) => [rule, enforcement === false ? 'off' : enforcement]);
  return { ...object, rules: Object.fromEntries(overrides) };
}

function merge(configuration: Configuration, rules: readonly RuleReference[]): Settings {
  const { placement, socket, group, ovs, namespaces, exemptions, reports } = configuration;
  const defaults = DEFAULT_SETTINGS;
  return {
    enforcement: configuration.enforcement ?? defaults.enforcement,
    rules: byRuleId(configuration.rules ?? {}, rules),
    bindings: configuration.bindings ?? defaults.bindings,
    placement: { ...defaults.placement, ...placement },
    socket: { ...defaults.socket, ...socket },
    group: { ...defaults.group, ...group },
    ovs: { ...defaults.ovs, ...ovs },
    namespaces: { ...defaults.namespaces, ...namespaces },
    exemptions: (exemptions ?? []).map((exemption) => ({
      namespaces: [],
      names: [],
      ...exemption,
    })),
    allowAnnotations: configuration.allowAnnotations ?? defaults.allowAnnotations,
    reports: { ...defaults.reports, ...reports },
  };
}
