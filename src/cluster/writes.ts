import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { AppError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { type Answer, describeFault, parse } from './api-server.ts';
import type { Access } from './kubeconfig.ts';

/** Sends a request to the API server, for as long as the program runs. @throws AppError CLUSTER_UNREACHABLE when there is no answer */
export type Send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: JsonObject) => Promise<Answer>;

/**
 * A way to the API server that outlives its credentials: they are read again when they are not accepted any more.
 *
 * @param timeoutMs longest wait for an answer, in milliseconds.
 */
export function createSend(readAccess: () => Promise<Access>, timeoutMs: number): Send {
  let access: Promise<Access> | undefined;
  const current = (): Promise<Access> => {
    access ??= readAccess();
    // A failure is not kept: the kubeconfig may be there the next time.
    access.catch(() => {
      access = undefined;
    });
    return access;
  };
  return async (method, path, body) => {
    const answer = await exchange(await current(), { method, path, body, timeoutMs });
    if (answer.status !== 401) return answer;
    access = undefined;
    return exchange(await current(), { method, path, body, timeoutMs });
  };
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: JsonObject | undefined;
  readonly timeoutMs: number;
}

async function exchange({ server, requestOptions }: Access, { method, path, body, timeoutMs }: Exchange): Promise<Answer> {
  const { host, protocol } = new URL(server);
  const request = protocol === 'http:' ? requestHttp : requestHttps;
  const signal = AbortSignal.timeout(timeoutMs);
  const content = body === undefined ? '' : JSON.stringify(body);
  const headers = { ...requestOptions.headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${server}${path}`, { ...requestOptions, method, headers, signal })
        .on('response', resolve)
        .on('error', reject)
        .end(content);
    });
    return { status: response.statusCode ?? 0, body: parse(await text(response)) };
  } catch (thrown) {
    const fault = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : describeFault(thrown);
    throw new AppError('CLUSTER_UNREACHABLE', `cannot reach the API server ${host}: ${fault}`, {
      hint: 'check the cluster that the kubeconfig names, with `kubectl get nodes`',
      cause: thrown,
    });
  }
}
