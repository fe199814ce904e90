import { setMaxListeners } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions, request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { AppError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { type Answer, describeFault, parse } from './api-server.ts';
import type { Access } from './kubeconfig.ts';
import { askPatiently, retryAfterMs } from './retry-after.ts';

/**
 * Sends a request to the API server, for as long as the program runs; the body of a PATCH is a strategic merge patch. `signal` ends
 * what is under way.
 *
 * @throws AppError CLUSTER_UNREACHABLE when there is no answer
 */
export type Send = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: JsonObject,
  signal?: AbortSignal,
) => Promise<Answer>;

/** How long an idle connection is kept, in milliseconds: API servers close theirs after 90 s. */
const IDLE_MS = 60_000;

/**
 * A way to the API server that outlives its credentials and its certificate authority: what it is reached with is read again when it is
 * not accepted any more, and after each failure. Connections are used again. Who is asked to come back later does so, a few times.
 *
 * @param timeoutMs longest wait for an answer, in milliseconds.
 */
export function createSend(readAccess: () => Promise<Access>, timeoutMs: number): Send {
  let access: Promise<Access> | undefined;
  const current = (): Promise<Access> => {
    access ??= readAccess().then(withLastingConnections);
    // A failure is not kept: the kubeconfig may be there the next time.
    access.catch(() => {
      access = undefined;
    });
    return access;
  };
  return async (method, path, body, signal) => {
    const send = async (): Promise<Answer> => {
      const used = current();
      const renew = (): void => {
        if (access === used) access = undefined;
      };
      try {
        const answer = await exchange(await used, { method, path, body, timeoutMs, signal });
        if (answer.status === 401) renew();
        return answer;
      } catch (thrown) {
        if (!signal?.aborted) renew();
        throw thrown;
      }
    };
    const answer = await send();
    return answer.status === 401 ? send() : answer;
  };
}

/** The same way until `signal` aborts: then what is under way fails at once, and nothing more is sent. */
export function sendUntil(signal: AbortSignal, send: Send): Send {
  // As many requests listen as are under way.
  setMaxListeners(0, signal);
  return (method, path, body) => send(method, path, body, signal);
}

/** Each connection costs a TLS handshake, which is more than most requests. An agent for a proxy stays as it is. */
function withLastingConnections(access: Access): Access {
  const { agent } = access.requestOptions;
  const lasting = { keepAlive: true, timeout: IDLE_MS };
  if (agent instanceof HttpsAgent && agent.constructor === HttpsAgent)
    return { ...access, requestOptions: { ...access.requestOptions, agent: new HttpsAgent({ ...agent.options, ...lasting }) } };
  if (agent instanceof HttpAgent && agent.constructor === HttpAgent)
    return { ...access, requestOptions: { ...access.requestOptions, agent: new HttpAgent(lasting) } };
  return access;
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: JsonObject | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function exchange({ server, requestOptions }: Access, { method, path, body, timeoutMs, signal }: Exchange): Promise<Answer> {
  const content = body === undefined ? '' : JSON.stringify(body);
  const contentType = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
  const headers = { ...requestOptions.headers, 'content-type': contentType, 'content-length': Buffer.byteLength(content) };
  const once = (ending: AbortSignal): Promise<IncomingMessage> =>
    ask(`${server}${path}`, { ...requestOptions, method, headers, signal: ending }, content);
  let isLate = false;
  const send = async (): Promise<Answer> => {
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, timeoutMs);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    try {
      const response = await once(ending.signal);
      return { status: response.statusCode ?? 0, body: parse(await text(response)), retryAfterMs: retryAfterMs(response) };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  };
  try {
    return await askPatiently(send, { timeoutMs, signal });
  } catch (thrown) {
    const late = isLate ? `no answer within ${timeoutMs / 1000} s` : undefined;
    const fault = late ?? (signal?.aborted ? 'no answer in time' : describeFault(thrown));
    throw new AppError('CLUSTER_UNREACHABLE', `cannot reach the API server ${new URL(server).host}: ${fault}`, {
      hint: 'check the cluster that the kubeconfig names, with `kubectl get nodes`',
      cause: thrown,
    });
  }
}

function ask(url: string, options: RequestOptions, content: string): Promise<IncomingMessage> {
  const request = url.startsWith('http:') ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const asked = request(url, options)
      .on('response', (response: IncomingMessage) => {
        isAnswered = true;
        resolve(response);
      })
      .on('error', (fault: NodeJS.ErrnoException) => {
        // An idle connection may be closed at the moment it is used again. All that is sent here can be sent twice: a second create
        // or update is a conflict, a second delete finds nothing.
        const isStale = asked.reusedSocket && !isAnswered && (fault.code === 'ECONNRESET' || fault.code === 'EPIPE');
        if (isStale) ask(url, options, content).then(resolve, reject);
        else reject(fault);
      });
    asked.end(content);
  });
}
