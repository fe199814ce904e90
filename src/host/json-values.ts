import { isObject, type JsonObject } from '../core/json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_MAPPING = 0x7b;
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** What OVS itself takes. Parsing millions of brackets takes seconds and hundreds of MiB. @see openvswitch lib/json.c JSON_MAX_HEIGHT */
const DEEPEST = 1000;

/** Cuts a stream of JSON mappings, with nothing between them, where each ends: OVS sends neither lengths nor line ends. */
export class JsonValues {
  readonly #largestBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  /** The values that end in these bytes. @throws Error when what was sent is no JSON mapping, too deep or too large */
  add(bytes: Buffer): JsonObject[] {
    const values: JsonObject[] = [];
    let start = 0;
    while (start < bytes.length) {
      const end = this.#endIn(bytes, start);
      this.#keep(bytes.subarray(start, end ?? bytes.length));
      if (end === undefined) break;
      values.push(this.#take());
      start = end;
    }
    return values;
  }

  /** Past the end of the value that goes on at `start`; `undefined` when that is not in these bytes. */
  #endIn(bytes: Buffer, start: number): number | undefined {
    for (let index = start; index < bytes.length; index += 1) {
      if (this.#isInString) index = this.#pastString(bytes, index);
      const byte = bytes[index];
      if (byte === undefined) break;
      this.#step(byte);
      if (this.#depth === 0 && closes(byte)) return index + 1;
    }
    return undefined;
  }

  /** Takes in a byte that is in no string. */
  #step(byte: number): void {
    if (this.#depth === 0 && byte !== OPEN_MAPPING) {
      if (!SPACE.has(byte)) throw new Error('the server sends what is no JSON mapping');
      return;
    }
    if (opens(byte)) this.#depth += 1;
    else if (closes(byte)) this.#depth -= 1;
    else this.#isInString = byte === QUOTE;
    if (this.#depth > DEEPEST) throw new Error(`the server sends an answer that is nested more than ${DEEPEST} deep`);
  }

  /** Past the string that goes on at `start`, or past these bytes. Most of an answer is in strings. */
  #pastString(bytes: Buffer, start: number): number {
    for (let from = start; ; ) {
      const quote = bytes.indexOf(QUOTE, from);
      const end = quote === -1 ? bytes.length : quote;
      const backslashes = countBefore(end, bytes, start);
      const isFirst = end - backslashes === start;
      this.#isEscaped = (backslashes + (isFirst && this.#isEscaped ? 1 : 0)) % 2 === 1;
      if (quote === -1) return end;
      from = quote + 1;
      if (this.#isEscaped) continue;
      this.#isInString = false;
      return from;
    }
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#largestBytes) throw new Error(`the server sends an answer of more than ${this.#largestBytes} bytes`);
    if (bytes.length > 0) this.#chunks.push(bytes);
  }

  #take(): JsonObject {
    const text = Buffer.concat(this.#chunks).toString();
    this.#chunks = [];
    this.#bytes = 0;
    [this.#depth, this.#isInString, this.#isEscaped] = [0, false, false];
    const value = parse(text);
    if (!isObject(value)) throw new Error('the server sends what is no JSON mapping');
    return value;
  }
}

function opens(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function closes(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d;
}

/** The backslashes that stand next to each other before `end`. */
function countBefore(end: number, bytes: Buffer, start: number): number {
  let count = 0;
  while (end - count > start && bytes[end - count - 1] === BACKSLASH) count += 1;
  return count;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
