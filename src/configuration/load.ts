import { readFile } from 'node:fs/promises';
import { AppError, describeError } from '../core/errors.ts';
import type { ParsedConfiguration } from './parse.ts';
import type { RuleReference } from './rule-references.ts';

/**
 * The settings of a configuration file, and where its keys stand.
 * @throws AppError CONFIG_INVALID when the file cannot be read, or with everything that is wrong in it.
 */
export async function loadConfiguration(file: string, rules: readonly RuleReference[]): Promise<ParsedConfiguration> {
  return readConfiguration(await readConfigurationText(file), file, rules);
}

/** `parseConfiguration`, loaded on demand: ajv takes 40 ms, which a run without a configuration does not pay. */
export async function readConfiguration(text: string, file: string, rules: readonly RuleReference[]): Promise<ParsedConfiguration> {
  const { parseConfiguration } = await import('./parse.ts');
  return parseConfiguration(text, file, rules);
}

/** @throws AppError CONFIG_INVALID when the file cannot be read. */
export async function readConfigurationText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const hint = 'give a file that this user may read, or leave out --config for the defaults';
    throw new AppError('CONFIG_INVALID', `cannot read the configuration ${file}: ${describeError(cause)}`, { hint, cause });
  }
}
