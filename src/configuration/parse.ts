import { Ajv, type ValidateFunction } from 'ajv';
import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { toFieldPath } from '../core/path.ts';
import { DEFAULT_SETTINGS, type Enforcement, type Exemption, type Settings } from '../core/settings.ts';
import { readManifests } from '../manifest/read.ts';
import type { SyntaxProblem } from '../manifest/syntax-problem.ts';
import { type ConfigurationProblem, toConfigurationProblem } from './problem.ts';
import { byRuleId, findReferenceProblems, type RuleReference } from './rule-references.ts';
import { CONFIGURATION_SCHEMA, FORMATS } from './schema.ts';

/** The configuration as its schema has it: every key of `Settings` may be absent, and keys within its groups too. */
interface Configuration extends Partial<Pick<Settings, 'enforcement' | 'bindings' | 'allowAnnotations'>> {
  readonly rules?: Readonly<Record<string, Enforcement>>;
  readonly placement?: Partial<Settings['placement']>;
  readonly socket?: Partial<Settings['socket']>;
  readonly group?: Partial<Settings['group']>;
  readonly ovs?: Partial<Settings['ovs']>;
  readonly namespaces?: Partial<Settings['namespaces']>;
  readonly exemptions?: readonly (Pick<Exemption, 'rules' | 'reason'> & Partial<Exemption>)[];
}

const HINT = 'docs/configuration.md describes every key';

/**
 * The settings that a configuration's text asks for, over the defaults. A key without a value is as good as absent.
 *
 * @param file the name for messages.
 * @throws AppError CONFIG_INVALID whose message has one line `file:line:column: …` for every mistake.
 */
export function parseConfiguration(text: string, file: string, rules: readonly RuleReference[]): Settings {
  const { manifests, errors } = readManifests(text, file);
  if (errors.length > 0) throw invalid(errors.map(describeSyntaxProblem));
  const [manifest, second] = manifests;
  if (manifest === undefined) throw invalid([`${file}:1:1: the file is empty: it must hold one document of kind Configuration`]);
  if (second !== undefined) throw invalid([`${file}:${second.line}:1: the file must hold one document, not ${manifests.length}`]);
  const candidate = withOff(withoutNulls(manifest.object));
  const problems = [...findSchemaProblems(candidate), ...findReferenceProblems(candidate, rules)];
  if (problems.length === 0) return merge(candidate as unknown as Configuration, rules);
  const placed = problems.map((problem) => ({
    ...problem,
    position: manifest.locate(problem.path),
  }));
  placed.sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
  throw invalid(
    placed.map(({ path, message, position }) => `${file}:${position.line}:${position.column}: key "${toFieldPath(path)}": ${message}`),
  );
}

function describeSyntaxProblem({ file, line, column, message, hint }: SyntaxProblem): string {
  return `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function invalid(problems: readonly string[]): AppError {
  return new AppError('CONFIG_INVALID', problems.join('\n'), { hint: HINT });
}

/** The members that have a value, at every level: Kubernetes reads a key with nothing behind it as absent. */
function withoutNulls(object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutNullsWithin(value)]));
}

function withoutNullsWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullsWithin);
  return isObject(value) ? withoutNulls(value) : value;
}

/** Kubernetes' YAML reads an unquoted `off` as false, and nobody should have to know. */
function withOff(object: JsonObject): JsonObject {
  const { rules } = object;
  if (!isObject(rules)) return object;
  const overrides = Object.entries(rules).map(([rule, enforcement]) => [rule, enforcement === false ? 'off' : enforcement]);
  return { ...object, rules: Object.fromEntries(overrides) };
}

let validator: ValidateFunction | undefined;

/** Compiles the schema on first use: that takes 14 ms, which a run without a configuration file does not pay. */
function compileSchema(): ValidateFunction {
  if (validator === undefined) {
    const formats = Object.fromEntries(Object.entries(FORMATS).map(([name, { isValid }]) => [name, isValid]));
    validator = new Ajv({
      strict: true,
      allErrors: true,
      verbose: true,
      formats,
    }).compile(CONFIGURATION_SCHEMA);
  }
  return validator;
}

function findSchemaProblems(candidate: JsonObject): ConfigurationProblem[] {
  const validate = compileSchema();
  return validate(candidate) ? [] : (validate.errors ?? []).map((error) => toConfigurationProblem(error, candidate));
}

function merge(configuration: Configuration, rules: readonly RuleReference[]): Settings {
  const { placement, socket, group, ovs, namespaces, exemptions } = configuration;
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
  };
}
