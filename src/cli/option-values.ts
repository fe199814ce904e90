import { InvalidArgumentError } from 'commander';
import { nearest } from '../core/nearest.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';

/** Reads `FORMAT[=FILE]`. @throws InvalidArgumentError for an unknown format, or two that would share stdout */
export function parseOutputs(values: readonly string[]): { readonly format: FormatName; readonly file?: string }[] {
  const outputs = values.map((value) => {
    const [name = '', ...file] = value.split('=');
    if (!Object.hasOwn(FORMATS, name)) throw unknownFormat(name);
    const format = name as FormatName;
    return file.length === 0 ? { format } : { format, file: file.join('=') };
  });
  if (outputs.filter(({ file }) => file === undefined).length > 1) {
    throw new InvalidArgumentError('only one format can go to stdout: give the others a file, as in -o json=report.json');
  }
  return outputs;
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
