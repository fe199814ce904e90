import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { nearest } from '../core/nearest.ts';
import type { FormatName } from '../report/formats.ts';
import { type FormatNames, REPORT_FORMATS } from './format-names.ts';

/** What one `-o FORMAT[=FILE]` asks for; no file is stdout. */
export interface Output<F extends string = FormatName> {
  readonly format: F;
  readonly file?: string;
}

/** Takes in one more `-o` of `check`. @throws InvalidArgumentError for an unknown format, or a second one for stdout */
export const addOutput = outputsOf(REPORT_FORMATS);

/** What takes in one more `-o` of a command that has these formats. */
export function outputsOf<F extends string>(formats: FormatNames<F>): (value: string, earlier?: readonly Output<F>[]) => Output<F>[] {
  return (value, earlier = []) => {
    const [name = '', ...file] = value.split('=');
    if (!Object.hasOwn(formats, name)) throw unknownFormat(name, Object.keys(formats));
    const format = name as F;
    if (file.length === 0 && earlier.some((output) => output.file === undefined)) {
      throw new InvalidArgumentError(`only one format can go to stdout: give the others a file, as in -o ${format}=FILE`);
    }
    return [...earlier, file.length === 0 ? { format } : { format, file: file.join('=') }];
  };
}

function unknownFormat(name: string, names: readonly string[]): InvalidArgumentError {
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

/** Takes in one more value of an option that may be repeated. */
export function appendValue(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

const HOST_NAME = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** Takes in one more host name or IP address for a certificate. @throws InvalidArgumentError */
export function appendHost(value: string, earlier: readonly string[] = []): string[] {
  if (isIP(value) !== 0 || (value.length <= 253 && HOST_NAME.test(value))) return [...earlier, value];
  throw new InvalidArgumentError('neither a host name nor an IP address');
}

const AGE_UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** An age such as `30m`, `12h`, `7d` or `2w`, in milliseconds. @throws InvalidArgumentError */
export function parseAge(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const unitMs = AGE_UNITS_MS[unit ?? ''];
  if (unitMs === undefined) throw new InvalidArgumentError('an age is written as 30m, 12h, 7d or 2w');
  return Number(count) * unitMs;
}
