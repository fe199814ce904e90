import { AppError } from '../core/errors.ts';
import { RULES } from '../rules/index.ts';
import { SUITE_FORMATS, type SuiteFormatName } from '../suite/formats.ts';
import type { SuiteProblem, TestOutcome } from '../suite/outcome.ts';
import { isSuiteName } from '../suite/schema.ts';
import type { Suite } from '../suite/suite.ts';
import { dayOf } from './configuration.ts';
import { exitCodeFor } from './exit-code.ts';
import type { CommandIo, ExitCode } from './io.ts';
import type { Output } from './option-values.ts';
import { writeOutputs } from './outputs.ts';
import { listSources, type Source } from './sources.ts';
import { SuiteFiles } from './suite-files.ts';
import { runTest, type TestResult, type TestSetting } from './suite-test.ts';

export interface TestOptions {
  readonly paths: readonly string[];
  readonly namespace: string;
  /** The day to judge exemptions by where a test names none, `YYYY-MM-DD`; today otherwise. */
  readonly asOf?: string | undefined;
  readonly outputs: readonly Output<SuiteFormatName>[];
  readonly isQuiet: boolean;
}

/** Documents of kind Suite are looked for only in files with this text in them: parsing all manifests would take long. */
const SUITE_HINT = /\bkind\b.{0,3}:.{0,3}\bSuite\b/;

/** `vhostguard test`: judges the objects of expectation suites and compares. A suite, and a run, that tests nothing fails. */
export async function test(options: TestOptions, io: CommandIo): Promise<ExitCode> {
  const { paths, namespace, asOf } = options;
  const run = new SuiteRun({ files: new SuiteFiles(io), namespace, today: asOf ?? dayOf(io.now()) });
  const { sources, errors } = await listSources({ paths, isRecursive: true }, io);
  for (const { file, error } of errors) run.addError(file, error);
  for (const source of sources) await run.read(source);
  if (run.suites === 0 && run.problems.length === 0) {
    const where = paths.join(', ');
    run.addFailure(where, `no suite in ${where}: a suite is a file *.suite.yaml, or a document of kind Suite`);
  }
  const { suites, outcomes, problems } = run;
  const report = { suites, outcomes, problems };
  writeOutputs(
    options.outputs.map(({ format, file }) => ({ text: SUITE_FORMATS[format](report, options), file })),
    io,
  );
  return run.exitCode;
}

/** What the suites of a run came to so far. */
class SuiteRun {
  readonly outcomes: TestOutcome[] = [];
  readonly problems: SuiteProblem[] = [];
  suites = 0;
  exitCode: ExitCode = 0;
  readonly #setting: TestSetting;

  constructor(setting: TestSetting) {
    this.#setting = setting;
  }

  addFailure(file: string, message: string): void {
    this.problems.push({ file, status: 'fail', message });
    this.#exitAtLeast(1);
  }

  addError(file: string, error: AppError): void {
    const message = error.code === 'SUITE_INVALID' ? error.message : `${file}: ${error.message}`;
    this.problems.push({ file, status: 'error', message });
    this.#exitAtLeast(exitCodeFor(error));
  }

  /** Runs the suites of a file, if it holds any. */
  async read(source: Source): Promise<void> {
    const { name } = source;
    try {
      const text = source.read();
      if (!isSuiteName(name) && !SUITE_HINT.test(text)) return;
      const suites = await parse(text, name);
      if (suites.length === 0 && isSuiteName(name)) this.addFailure(name, `${name}: the file has no suite in it`);
      for (const suite of suites) await this.#run(suite);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      this.addError(name, thrown);
    }
  }

  async #run(suite: Suite): Promise<void> {
    this.suites += 1;
    const results: TestResult[] = [];
    for (const test of suite.tests) {
      const result = await runTest(suite, test, this.#setting);
      results.push(result);
      this.outcomes.push({ suite, test, status: result.status, reasons: result.reasons });
      this.#exitAtLeast(result.exitCode);
    }
    const place = `${suite.file}:${suite.line}`;
    const isIdle = results.every(({ status, inScope }) => status !== 'error' && !inScope);
    if (suite.tests.length === 0) this.addFailure(suite.file, `${place}: the suite has no tests`);
    else if (isIdle) this.addFailure(suite.file, `${place}: no object of the suite has a vhost-user NIC, so that it tests no rule`);
  }

  #exitAtLeast(code: ExitCode): void {
    if (code > this.exitCode) this.exitCode = code;
  }
}

/** Loaded on demand: ajv takes 40 ms, which other commands do not pay. @throws AppError SUITE_INVALID */
async function parse(text: string, file: string): Promise<Suite[]> {
  const { parseSuites } = await import('../suite/parse.ts');
  return parseSuites(
    text,
    file,
    RULES.map(({ meta }) => meta),
  );
}
