import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { AppError, describeError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import type { Access } from './kubeconfig.ts';
import { askPatiently, retryAfterMs } from './retry-after.ts';

/** An answer of an API server. `body` is undefined when it is no JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Set where the API server refuses for now, and says after which time it can answer. */
  readonly retryAfterMs?: number | undefined;
}

/** GETs a path below the API server's URL. @throws AppError CLUSTER_UNREACHABLE when there is no answer */
export type Get = (path: string) => Promise<Answer>;

/** A connection to an API server. */
export interface ApiServer {
  readonly get: Get;
  /** Ends what is under way; its answers are lost. */
  readonly close: () => void;
}

/** @param timeoutMs longest wait, in milliseconds, since the last answer to any request. */
export function connect({ server, requestOptions }: Access, timeoutMs: number): ApiServer {
  const { host, protocol } = new URL(server);
  const request = protocol === 'http:' ? requestHttp : requestHttps;
  const ending = new AbortController();
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    ending.abort();
  }, timeoutMs);
  const send = async (path: string): Promise<Answer> => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${server}${path}`, { ...requestOptions, signal: ending.signal })
        .on('response', resolve)
        .on('error', reject)
        .end();
    });
    const body = parse(await text(response));
    timer.refresh();
    return { status: response.statusCode ?? 0, body, retryAfterMs: retryAfterMs(response) };
  };
  return {
    get: (path) =>
      askPatiently(() => send(path), { timeoutMs, signal: ending.signal }).catch((thrown: unknown) => {
        const fault = isTimedOut ? `no answer within ${timeoutMs / 1000} s` : describeFault(thrown);
        throw new AppError('CLUSTER_UNREACHABLE', `cannot read from the API server ${host}: ${fault}`, {
          hint: 'check the cluster that the kubeconfig names, with `kubectl get nodes`; --snapshot needs none',
          cause: thrown,
        });
      }),
    close: () => {
      clearTimeout(timer);
      ending.abort();
    },
  };
}

/** The value of a JSON text; `undefined` for what is none. */
export function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** True where the user's role lacks the verb. Admission refuses with 403 too: over a quota, in a namespace that is being deleted. */
export function isMissingVerb({ status, body }: Answer): boolean {
  const message = isObject(body) ? body['message'] : undefined;
  return status === 403 && (typeof message !== 'string' || / cannot \S+ (?:resource|path) "/.test(message));
}

/** Of what an API server says, in characters: its reason may stand at the end of a long sentence. */
const SHOWN_LENGTH = 300;

/**
 * What an API server says beside its status, to be put behind a sentence; empty where it says nothing. The name of the object is left
 * out, so that the same refusal of a thousand objects is one line.
 */
export function remarkOf(body: unknown): string {
  const message = isObject(body) ? body['message'] : undefined;
  if (typeof message !== 'string' || message === '') return '';
  return `: ${JSON.stringify(message.replace(/^(\S+) "[^"]*" is /, '$1 is ').slice(0, SHOWN_LENGTH))}`;
}

const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be looked up',
  ETIMEDOUT: 'nothing answers at that address',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

/** One line for why a connection failed. */
export function describeFault(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return FAULTS[code] ?? describeError(thrown);
}
