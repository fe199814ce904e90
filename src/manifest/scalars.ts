import { type ScalarTag, Schema } from 'yaml';

const TRUE_WORDS = ['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON'];
const FALSE_WORDS = ['false', 'False', 'FALSE', 'no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF'];
const BOOLEANS = new Map([...TRUE_WORDS.map((word) => [word, true] as const), ...FALSE_WORDS.map((word) => [word, false] as const)]);

const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$/;
const INFINITY = /^([-+]?)\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

function integer(text: string): number {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  // A leading zero means octal, as in Go's strconv.ParseInt with base 0; `089` is none and stays decimal.
  const size = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits.toLowerCase());
  return text.startsWith('-') ? -size : size;
}

/** What is too large for a float stays text: strconv.ParseFloat answers ErrRange, and the parser takes it for a string. */
function float(text: string): number | string {
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  if (NOT_A_NUMBER.test(text)) return Number.NaN;
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : text;
}

const TAGS: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:null',
    default: true,
    test: /^(?:~|[Nn]ull|NULL)?$/,
    identify: (value) => value === null,
    resolve: () => null,
    stringify: () => 'null',
  },
  {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    test: new RegExp(`^(?:${[...BOOLEANS.keys()].join('|')})$`),
    identify: (value) => typeof value === 'boolean',
    resolve: (text) => BOOLEANS.get(text),
    stringify: ({ value }) => String(value),
  },
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: INTEGER,
    identify: (value) => Number.isInteger(value),
    resolve: integer,
    stringify: ({ value }) => String(value),
  },
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: new RegExp([FLOAT, INFINITY, NOT_A_NUMBER].map(({ source }) => source).join('|')),
    identify: (value) => typeof value === 'number',
    resolve: float,
    stringify: ({ value }) => String(value),
  },
];

/**
 * The YAML schema by which Kubernetes reads plain scalars: `yes`, `on`, `y` and their opposites are booleans, `0644` is
 * octal, `1_000` is a number, and nothing is base 60, so that an unquoted MAC address stays a string.
 * A schema object also overrules `%YAML 1.1` directives, which would bring base 60 back.
 *
 * @see https://github.com/yaml/go-yaml/blob/v2.4.0/resolve.go
 */
export const READING_SCHEMA = new Schema({ schema: 'failsafe', customTags: TAGS, resolveKnownTags: false });

/** The same, but strings that any YAML 1.1 parser would read as another type are quoted too. */
export const WRITING_SCHEMA = new Schema({ schema: 'failsafe', customTags: TAGS, resolveKnownTags: false, compat: 'yaml-1.1' });
