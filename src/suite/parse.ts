import { createSchemaCheck, describeProblems, describeSyntaxProblem, withoutNulls } from '../configuration/checked-document.ts';
import type { DocumentProblem } from '../configuration/problem.ts';
import { describeUnknownRule, findRule } from '../configuration/rule-references.ts';
import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { type Path, valueAt } from '../core/path.ts';
import type { RuleId } from '../engine/finding.ts';
import type { RuleMeta } from '../engine/rule.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { readManifests } from '../manifest/read.ts';
import { isSuiteName, SUITE, SUITE_SCHEMA } from './schema.ts';
import type { Expectation, Suite, SuiteTest } from './suite.ts';

type KnownRule = Pick<RuleMeta, 'id' | 'name'>;

const findSchemaProblems = createSchemaCheck(SUITE_SCHEMA, {
  apiVersion: `is missing: a suite must say "apiVersion: ${SUITE.apiVersion}"`,
  kind: `is missing: a suite must say "kind: ${SUITE.kind}"`,
  tests: 'is missing: a suite must list its tests',
  name: 'is missing: a test must have a name',
  object: 'is missing: a test must have the object to judge, or the file that holds it',
  expect: 'is missing: a test must say what it expects',
});

const HINT = 'docs/ci.md describes every key of a suite';

/**
 * The suites of a text. Documents of other kinds are left out, unless the file says by its name that it holds suites.
 *
 * @param file the name for messages.
 * @throws AppError SUITE_INVALID whose message has one line `file:line:column: …` for every mistake.
 */
export function parseSuites(text: string, file: string, rules: readonly KnownRule[]): Suite[] {
  const { manifests, errors } = readManifests(text, file);
  const suites = isSuiteName(file) ? manifests : manifests.filter(isSuite);
  const problems = [
    ...(isSuiteName(file) || suites.length > 0 ? errors.map(describeSyntaxProblem) : []),
    ...suites.flatMap((manifest) => describeProblems(manifest, findProblems(manifest, rules))),
  ];
  if (problems.length > 0) throw new AppError('SUITE_INVALID', problems.join('\n'), { hint: HINT });
  return suites.map((manifest) => toSuite(manifest, rules));
}

function isSuite({ object }: Manifest): boolean {
  return object['apiVersion'] === SUITE.apiVersion && object['kind'] === SUITE.kind;
}

function findProblems(manifest: Manifest, rules: readonly KnownRule[]): DocumentProblem[] {
  const candidate = withoutNulls(manifest.object);
  const tests = Array.isArray(candidate['tests']) ? candidate['tests'] : [];
  const semantic = tests.flatMap((test: unknown, index) => {
    const expected = valueAt(test, ['expect']);
    return isObject(expected) ? expectationProblems(expected, ['tests', index, 'expect'], rules) : [];
  });
  return [...findSchemaProblems(candidate), ...semantic];
}

const EXPECTABLE = ['allowed', 'rules', 'messages', 'repaired', 'skips'];

function expectationProblems(expected: JsonObject, path: Path, rules: readonly KnownRule[]): DocumentProblem[] {
  if (!EXPECTABLE.some((key) => Object.hasOwn(expected, key))) {
    return [{ path, message: `expects nothing: it must have one of ${EXPECTABLE.join(', ')}` }];
  }
  return ['rules', 'skips'].flatMap((key) => {
    const names = Array.isArray(expected[key]) ? expected[key] : [];
    return names.flatMap((name: unknown, index) =>
      typeof name === 'string' && name !== '' && findRule(name, rules) === undefined
        ? [{ path: [...path, key, index], message: describeUnknownRule(name, rules) }]
        : [],
    );
  });
}

/** A test as the schema has it. */
interface WrittenTest extends Omit<SuiteTest, 'line' | 'context' | 'expect'> {
  readonly context?: readonly string[];
  readonly expect: WrittenExpectation;
}

/** An expectation as the schema has it. */
interface WrittenExpectation extends Omit<Expectation, 'contains' | 'rules' | 'skips'> {
  readonly contains?: boolean;
  readonly rules?: readonly string[];
  readonly skips?: readonly string[];
}

function toSuite(manifest: Manifest, rules: readonly KnownRule[]): Suite {
  const tests = withoutNulls(manifest.object)['tests'] as readonly WrittenTest[];
  return {
    file: manifest.file,
    line: manifest.line,
    tests: tests.map((test, index) => ({
      ...test,
      line: manifest.locate(['tests', index]).line,
      object: asWritten(manifest, ['tests', index, 'object']) ?? test.object,
      context: test.context ?? [],
      expect: toExpectation(test.expect, asWritten(manifest, ['tests', index, 'expect', 'repaired']), rules),
    })),
  };
}

/** An object with the keys that have no value: what admission makes of those is tested too. */
function asWritten({ object }: Manifest, path: Path): JsonObject | undefined {
  const value = valueAt(object, path);
  return isObject(value) ? value : undefined;
}

function toExpectation(
  { rules, skips, contains = false, ...rest }: WrittenExpectation,
  repaired: JsonObject | undefined,
  known: readonly KnownRule[],
): Expectation {
  return {
    ...rest,
    contains,
    ...(repaired === undefined ? {} : { repaired }),
    ...(rules === undefined ? {} : { rules: toIds(rules, known) }),
    ...(skips === undefined ? {} : { skips: toIds(skips, known) }),
  };
}

function toIds(names: readonly string[], known: readonly KnownRule[]): RuleId[] {
  return names.flatMap((name) => findRule(name, known)?.id ?? []);
}
