import { InvalidArgumentError } from 'commander';
import { nearest } from '../core/nearest.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';

/** What one `-o FORMAT[=FILE]` asks for; no file is stdout. */
export interface Output {
  readonly format: FormatName;
  readonly file?: string;
}

/** Takes in one more `-o`. @throws InvalidArgumentError for an unknown format, or a second one for stdout */
export function addOutput(value: string, earlier: readonly Output[] = []): Output[] {
  const [name = '', ...file] = value.split('=');
  if (!Object.hasOwn(FORMATS, name)) throw unknownFormat(name);
  if (file.length === 0 && earlier.some((output) => output.file === undefined)) {
    throw new InvalidArgumentError('only one format can go to stdout: give the others a file, as in -o json=report.json');
  }
  const format = name as FormatName;
  return [...earlier, file.length === 0 ? { format } : { format, file: file.join('=') }];
}

function unknownFormat(name: string): InvalidArgumentError {
  const names = Object.keys(FORMATS);
  const guess = nearest(name, names);
  return new InvalidArgumentError(
    `no output format ${JSON.stringify(name)}${guess === undefined ? '' : `, did you mean ${guess}`} (${names.join(', ')})`,
  );
}

/** @throws InvalidArgumentError for anything but a day of the calendar */
export function parseDay(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (isDay) return text;
  throw new InvalidArgumentError('a day is written YYYY-MM-DD');
}
