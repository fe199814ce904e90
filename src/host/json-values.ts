import { isObject, type JsonObject } from '../core/json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

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

  /** The values that end in these bytes. @throws Error when what was sent is no JSON mapping, or too large */
  add(bytes: Buffer): JsonObject[] {
    const values: JsonObject[] = [];
    let start = 0;
    for (let index = 0; index < bytes.length; index += 1) {
      if (!this.#endsAt(bytes[index] ?? 0)) continue;
      this.#keep(bytes.subarray(start, index + 1));
      start = index + 1;
      values.push(this.#take());
    }
    this.#keep(bytes.subarray(start));
    return values;
  }

  /** True when a value ends with this byte. */
  #endsAt(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
      return false;
    }
    if (OPEN.has(byte)) this.#depth += 1;
    else if (CLOSE.has(byte)) this.#depth -= 1;
    else if (this.#depth === 0 && !SPACE.has(byte)) throw new Error('the server sends what is no JSON mapping');
    else if (byte === QUOTE) this.#isInString = true;
    return CLOSE.has(byte) && this.#depth <= 0;
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
    this.#depth = 0;
    const value = parse(text);
    if (!isObject(value)) throw new Error('the server sends what is no JSON mapping');
    return value;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
