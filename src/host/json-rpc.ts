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
  /** Ends it before its time. */
  readonly signal: AbortSignal | undefined;
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
  { timeoutMs, signal, largestBytes = DEFAULT_LARGEST_BYTES }: Partial<Limits> & Pick<Limits, 'timeoutMs'>,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<T> {
  const connection = new Connection(createConnection(path), largestBytes);
  const timer = setTimeout(() => connection.fail(silence(timeoutMs)), timeoutMs);
  const end = () => connection.fail(over());
  signal?.addEventListener('abort', end);
  try {
    return await Promise.race([talk(connection), connection.broken]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    end();
  }
}

/** A server that is asked again and again over one connection, which is made anew after it broke. */
export class KeptConversation {
  readonly #largestBytes: number;
  #connection: Connection | undefined;
  #connections = 0;

  /** @param largestBytes of one answer. */
  constructor(largestBytes = DEFAULT_LARGEST_BYTES) {
    this.#largestBytes = largestBytes;
  }

  /** How many connections were made. What a server counted in one need not go on in the next. */
  get connections(): number {
    return this.#connections;
  }

  /** True while there is a connection that nobody has ended. */
  get isOpen(): boolean {
    return this.#connection?.isBroken === false;
  }

  /**
   * As `converse`, but the connection stays open unless it breaks or the time is over. `path` matters when it has to be made. `talk` must
   * wait for nothing but answers.
   */
  async talk<T>(path: string, timeoutMs: number, talk: (conversation: Conversation) => Promise<T>): Promise<T> {
    const connection = this.#connect(path);
    const timer = setTimeout(() => connection.fail(silence(timeoutMs)), timeoutMs);
    try {
      // Not raced against `connection.broken`, which would keep what each race gave for as long as the connection lives.
      return await talk(connection);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#connection?.fail(over());
  }

  #connect(path: string): Connection {
    if (this.#connection !== undefined && !this.#connection.isBroken) return this.#connection;
    this.#connections += 1;
    this.#connection = new Connection(createConnection(path), this.#largestBytes);
    return this.#connection;
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

  get isBroken(): boolean {
    return this.#error !== undefined;
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

function over(): ConversationError {
  return new ConversationError('failed', 'the conversation is over');
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
