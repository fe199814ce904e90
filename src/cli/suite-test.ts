import { AppError } from '../core/errors.ts';
import { subjectOf } from '../core/subject.ts';
import { createEngine } from '../engine/engine.ts';
import type { Judgement } from '../engine/judge.ts';
import { MemoryInventory } from '../kube/memory-inventory.ts';
import { RULES } from '../rules/index.ts';
import { compare, crashesOf, type ReadExpectation } from '../suite/compare.ts';
import type { TestOutcome } from '../suite/outcome.ts';
import type { Suite, SuiteTest } from '../suite/suite.ts';
import { exitCodeFor } from './exit-code.ts';
import type { ExitCode } from './io.ts';
import type { SuiteFiles } from './suite-files.ts';

/** Where objects without a namespace are, and the day to judge exemptions by where a test names none. */
export interface TestSetting {
  readonly files: SuiteFiles;
  readonly namespace: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
}

/** What became of one test, and what that makes of the exit code. */
export interface TestResult extends Pick<TestOutcome, 'status' | 'reasons'> {
  /** True when the object has a vhost-user NIC. */
  readonly inScope: boolean;
  readonly exitCode: ExitCode;
}

/** Judges the object of a test as admission would, and compares. Files that cannot be read make it an error, and nothing is thrown. */
export async function runTest(suite: Suite, test: SuiteTest, setting: TestSetting): Promise<TestResult> {
  try {
    const { repaired, ...rest } = test.expect;
    const expected = repaired === undefined ? rest : { ...rest, repaired: setting.files.read(suite, repaired).object };
    return toResult(expected, await judge(suite, test, setting));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { status: 'error', reasons: thrown.message.split('\n'), inScope: false, exitCode: exitCodeFor(thrown) };
  }
}

async function judge(suite: Suite, test: SuiteTest, { files, namespace, today }: TestSetting): Promise<Judgement> {
  const { object, beside } = files.read(suite, test.object);
  const inventory = new MemoryInventory({ isComplete: false, description: 'the context of the test', defaultNamespace: namespace });
  for (const known of [...(await files.context(suite, test.context)), ...beside, object]) inventory.add(known);
  const settings = await files.settings(suite, test.config);
  return createEngine({ rules: RULES, inventory, settings, today: test.asOf ?? today }).judge(subjectOf(object, namespace));
}

function toResult(expected: ReadExpectation, judgement: Judgement): TestResult {
  const { inScope } = judgement;
  const crashes = crashesOf(judgement);
  if (crashes.length > 0) return { status: 'error', reasons: crashes, inScope, exitCode: 3 };
  const reasons = compare(expected, judgement);
  return reasons.length > 0 ? { status: 'fail', reasons, inScope, exitCode: 1 } : { status: 'pass', reasons, inScope, exitCode: 0 };
}
