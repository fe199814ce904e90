import { createConnection, type Socket } from 'node:net';
import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject, quote } from '../core/json.ts';
import { JsonValues } from './json-values.ts';
import { systemCode } from './known.ts';
import type { Endpoint } from './ovs-facts.ts';

/** Why a conversation came to no end. */
export class ConversationError extends AppError {
  readonly state: Exclude<Endpoint['state'], 'answers'>;

  constructor(state: Exclude<Endpoint['state'], 'answers'>, message: string) {
    super('INPUT_UNREADABLE', message);
    this.state = state;
  }
}

/** A server of OVS: JSON-RPC 1.0 over a unix socket, one value after the other. */
export interface Conversation {
  /** The answer's `result`. @throws ConversationError */
  call(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** An answer that says no. The conversation can go on. */
export class RefusedCallError extends AppError {
  constructor(said: unknown) {
    super('INPUT_UNREADABLE', `the server refuses: ${quote(isObject(said) ? JSON.stringify(said) : said)}`);
  }
}

interface Limits {
  /** For all of the conversation, from now on. */
  readonly timeoutMs: number;
  /** Of one answer. */
  readonly largestBytes: number;
}

const DEFAULT_LARGEST_BYTES = 16 * 1024 * 1024;

/**
 * Talks to the server at `path` and closes the connection after. Nothing that the server does, or does not do, makes it last longer
 * than `timeoutMs`.
 *
 * @throws ConversationError, and whatever `talk` throws
 */
export async function converse<T>(
  path: string,
  { timeoutMs, largestBytes = DEFAULT_LARGEST_BYTES }: Partial<Limits> & Pick<Limits, 'timeoutMs'>,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<T> {
  const socket = createConnection(path);
  const connection = new Connection(socket, largestBytes);
  const timer = setTimeout(() => connection.fail(silence(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([talk(connection), connection.broken]);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

class Connection implements Conversation {
  readonly #socket: Socket;
  readonly #values: JsonValues;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  /** Rejects once nothing more can come. */
  readonly broken: Promise<never>;
  #break: (error: Error) => void = () => undefined;
  #error: Error | undefined;
  #lastId = 0;

  constructor(socket: Socket, largestBytes: number) {
    this.#socket = socket;
    this.#values = new JsonValues(largestBytes);
    this.broken = new Promise((_resolve, reject) => {
      this.#break = reject;
    });
    this.broken.catch(() => undefined);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.fail(connectionError(error)));
    socket.on('close', () => this.fail(new ConversationError('failed', 'the server closed the connection before it had answered')));
  }

  fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#socket.destroy();
    this.#break(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#socket.write(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #receive(bytes: Buffer): void {
    try {
      for (const value of this.#values.add(bytes)) this.#handle(value);
    } catch (thrown) {
      this.fail(new ConversationError('failed', thrown instanceof Error ? thrown.message : String(thrown)));
    }
  }

  #handle(message: JsonObject): void {
    // OVSDB asks in this way whether its client still lives.
    if (message['method'] === 'echo')
      this.#socket.write(JSON.stringify({ id: message['id'] ?? null, result: message['params'] ?? [], error: null }));
    const id = Number(message['id']);
    const call = message['method'] === undefined ? this.#waiting.get(id) : undefined;
    if (call === undefined) return;
    this.#waiting.delete(id);
    const error = message['error'] ?? undefined;
    if (error === undefined) call.resolve(message['result']);
    else call.reject(new RefusedCallError(error));
  }
}

function silence(timeoutMs: number): ConversationError {
  return new ConversationError('failed', `the server has not answered within ${timeoutMs / 1000} s`);
}

const STATES: Readonly<Record<string, Exclude<Endpoint['state'], 'answers'>>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  ECONNREFUSED: 'dead',
  // A socket, but of another type.
  EPROTOTYPE: 'dead',
  ENOTSOCK: 'dead',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
};

const REASONS = {
  absent: 'there is no such file',
  dead: 'nothing listens there',
  forbidden: 'this user may not connect',
  failed: 'the connection failed',
} as const;

function connectionError(error: Error): ConversationError {
  const code = systemCode(error) ?? '';
  const state = STATES[code] ?? 'failed';
  return new ConversationError(state, state === 'failed' ? `${REASONS.failed}: ${error.message}` : REASONS[state]);
}
