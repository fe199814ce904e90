/** What is shown of a line, and the column in it at which what it is about begins, from 1. */
export interface Excerpt {
  readonly text: string;
  readonly column: number;
}

const MOST_SHOWN = 160;

/** What stands further before is not looked at: lines of minified JSON have megabytes. KubeVirt takes at most 2048 bytes of user data. */
const MOST_SEEN = 16_384;

/**
 * The part of a line around `column`, which counts from 1: no longer than a screen, however long the line, and without the passwords that
 * a manifest has. Long gaps before the column are shortened, so that what stands far to the right is seen beside what it follows.
 */
export function excerptOf(line: string, column: number): Excerpt {
  const from = Math.max(0, column - 1 - MOST_SEEN);
  const seen = withoutSecrets(line.slice(from, column - 1 + MOST_SHOWN));
  const before = seen.slice(0, column - 1 - from).replace(/(?<=\S) {12,}/g, ' … ');
  const start = Math.max(0, before.length - MOST_SHOWN / 2);
  const text = before + seen.slice(column - 1 - from);
  return { text: detach(text.slice(start, start + MOST_SHOWN)), column: before.length - start + 1 };
}

/** A member of a manifest, or of cloud-init's user data in it, up to the end of its value; of a value that is not quoted, of the line. */
const SECRET =
  /((?:(?:user|network)Data(?:Base64)?|passw(?:or)?d)\\*["']?[ \t]*:[ \t]*)("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s"'|>{[].*)/gi;

/** As long as before, so that columns stay what they are. */
function withoutSecrets(text: string): string {
  return text.replace(SECRET, (_all, key: string, value: string) => key + '*'.repeat(value.length));
}

/**
 * A copy of its own: V8 makes a part of a string a view of the whole, which would stay in memory as long as the part.
 * @see https://bugs.chromium.org/p/v8/issues/detail?id=2869
 */
function detach(text: string): string {
  return structuredClone(text);
}
