import { readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createTwoFilesPatch } from 'diff';
import { AppError, describeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { createFileEngine, type EngineOptions } from './file-engine.ts';
import type { GatheredFile } from './gather.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { Progress } from './progress.ts';
import { type Applied, rewriteFile } from './rewrite-file.ts';
import { reportUnread } from './unread.ts';

export interface FixOptions extends EngineOptions {
  readonly unsafe: boolean;
  /** Prints a unified diff and writes nothing. */
  readonly dryRun: boolean;
}

/**
 * `vhostguard fix`: writes repairs into the files, comments and order kept. A file that cannot be repaired whole is left as it is.
 *
 * @returns 1 when a dry run has something to change
 */
export async function fix(options: FixOptions, io: CommandIo): Promise<ExitCode> {
  const isRendered = (options.kustomizations ?? []).length > 0;
  if ((isRendered || options.paths.includes('-')) && !options.dryRun) {
    throw new AppError('USAGE', `fix writes files, and ${isRendered ? 'what kustomize renders' : 'standard input'} is none`, {
      hint: `use \`vhostguard mutate ${isRendered ? '-k DIR' : '-'}\`, or --dry-run for a diff`,
    });
  }
  const progress = new Progress(io, false);
  const { engine, files } = await createFileEngine(options, io);
  const outcomes: ReturnType<typeof fixFile>[] = [];
  await progress.forEach(files(), (file) => outcomes.push(fixFile(file, engine, options, io)));
  const changed = outcomes.filter((outcome) => outcome === 'changed').length;
  io.stderr.write(`vhostguard: ${changed} ${changed === 1 ? 'file' : 'files'} ${options.dryRun ? 'would change' : 'changed'}\n`);
  if (outcomes.includes('failed')) return 3;
  return options.dryRun && changed > 0 ? 1 : 0;
}

function fixFile(file: GatheredFile, engine: Engine, options: FixOptions, io: CommandIo): 'changed' | 'unchanged' | 'failed' {
  const isUnread = reportUnread(file, io);
  if (file.state === 'failed') return 'failed';
  try {
    const { text, applied } = rewriteFile(file.text, file.content.manifests, engine, options.namespace, options.unsafe ? 'unsafe' : 'safe');
    if (text !== file.text) {
      if (options.dryRun) io.stdout.write(createTwoFilesPatch(`a/${file.name}`, `b/${file.name}`, file.text, text, '', '', { context: 3 }));
      else save(file.name, file.text, text);
      report(file.name, applied, options.dryRun, io);
    }
    if (isUnread) return 'failed';
    return text === file.text ? 'unchanged' : 'changed';
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    io.stderr.write(`${file.name}: not changed: ${thrown.message}${thrown.hint === undefined ? '' : `\n  hint: ${thrown.hint}`}\n`);
    return 'failed';
  }
}

function report(name: string, applied: readonly Applied[], isDryRun: boolean, io: CommandIo): void {
  for (const { manifest, finding } of applied) {
    const { line, column } = manifest.locate(finding.path);
    io.stderr.write(`${name}:${line}:${column}: ${finding.rule} ${isDryRun ? 'would ' : ''}${finding.fix?.title}\n`);
  }
}

/** Replaces the file in one step, so that no reader sees half of it. @throws AppError OUTPUT_UNWRITABLE */
function save(name: string, before: string, after: string): void {
  try {
    const path = realpathSync(name);
    if (readFileSync(path, 'utf8') !== before)
      throw new AppError('OUTPUT_UNWRITABLE', 'the file changed while it was read', { hint: 'run again' });
    const temporary = `${path}.vhostguard-${process.pid}`;
    writeFileSync(temporary, after, { mode: statSync(path).mode, flag: 'wx' });
    renameSync(temporary, path);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('OUTPUT_UNWRITABLE', `cannot write: ${describeError(thrown)}`, { cause: thrown });
  }
}
