import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { describeFault, parse, remarkOf } from './api-server.ts';
import type { Access } from './kubeconfig.ts';
import { isAnonymous } from './list.ts';
import { listPathOf, type Resource } from './resources.ts';
import { retryAfterMs, waitAsAsked } from './retry-after.ts';

/** One change that an API server tells. A bookmark's object holds a resourceVersion and nothing else. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: JsonObject;
}

/**
 * Why a watch is over: the API server or silence ended it, and it can go on from the last resourceVersion; the resourceVersion
 * is too old; the user may not watch the kind; there is no such kind any more.
 */
export type WatchEnding = 'ended' | 'expired' | 'forbidden' | 'not-installed';

export interface WatchOptions {
  readonly resource: Resource;
  /** Where the list or watch before this one ended. */
  readonly resourceVersion: string;
  /** Longest wait for the API server to take up the watch, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest silence, in milliseconds, before the watch ends for its connection may be dead. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** The API server takes up the watch: what is known is up to date. */
  readonly onOpen: () => void;
  readonly onEvent: (event: WatchEvent) => void;
}

/** How long a watch is asked for, in seconds. Reconnecting spreads watches over the API servers that have joined since. */
const WATCH_SECONDS = 300;

/** Watches a kind until the watch ends. @throws AppError CLUSTER_UNREACHABLE when the API server fails or refuses otherwise. */
export async function watch(access: Access, options: WatchOptions): Promise<WatchEnding> {
  const ending = new AbortController();
  let silence: 'no answer' | 'quiet' | undefined;
  const hush = (kind: typeof silence, ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      silence = kind;
      ending.abort();
    }, ms);
  let timer = hush('no answer', options.timeoutMs);
  const stop = (): void => ending.abort();
  options.signal.addEventListener('abort', stop);
  try {
    const response = await open(access, options, ending.signal);
    if (response.statusCode !== 200) return await refusalOf(response, options);
    clearTimeout(timer);
    timer = hush('quiet', options.silenceMs);
    response.socket.setKeepAlive(true, 30_000);
    options.onOpen();
    return await readEvents(response, options, timer);
  } catch (thrown) {
    if (silence === 'quiet' || options.signal.aborted) return 'ended';
    if (thrown instanceof AppError) throw thrown;
    const fault = silence === undefined ? describeFault(thrown) : `no answer within ${options.timeoutMs / 1000} s`;
    throw new AppError('CLUSTER_UNREACHABLE', `cannot read from the API server ${new URL(access.server).host}: ${fault}`, {
      cause: thrown,
    });
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
    ending.abort();
  }
}

function open({ server, requestOptions }: Access, options: WatchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { resource, resourceVersion } = options;
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(WATCH_SECONDS),
    resourceVersion,
    ...(resource.labelSelector === undefined ? {} : { labelSelector: resource.labelSelector }),
  });
  const request = server.startsWith('http:') ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    request(`${server}${listPathOf(resource)}?${query}`, { ...requestOptions, signal })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

async function refusalOf(response: IncomingMessage, { resource, timeoutMs, signal }: WatchOptions): Promise<WatchEnding> {
  const status = response.statusCode ?? 0;
  const body = parse(await text(response));
  // Whoever watches comes back after any refusal: not before the API server can bear it.
  await waitAsAsked(retryAfterMs(response), { timeoutMs, signal });
  if (status === 410) return 'expired';
  if (status === 404) return 'not-installed';
  if (status === 403 && !isAnonymous({ status, body })) return 'forbidden';
  throw refused(resource, { code: status, message: isObject(body) ? body['message'] : undefined });
}

/** A line of the stream is one event. What follows the last newline was cut off, and is not heard. */
async function readEvents(response: IncomingMessage, { resource, onEvent }: WatchOptions, timer: NodeJS.Timeout): Promise<WatchEnding> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    timer.refresh();
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = readEvent(line, resource);
      if (event === 'expired') return 'expired';
      if (event !== undefined) onEvent(event);
    }
  }
  return 'ended';
}

const EVENT_TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] satisfies WatchEvent['type'][]);

/** Undefined for a type that is not known. */
function readEvent(line: string, resource: Resource): WatchEvent | 'expired' | undefined {
  const event = parse(line);
  if (!isObject(event) || !isObject(event['object']))
    throw new AppError('CLUSTER_UNREACHABLE', `the API server sends what is no event to the watch of ${resource.plural}`);
  const { type, object } = event;
  if (type === 'ERROR' && object['code'] === 410) return 'expired';
  if (type === 'ERROR') throw refused(resource, object);
  return EVENT_TYPES.has(type) ? { type: type as WatchEvent['type'], object } : undefined;
}

function refused({ plural }: Resource, status: JsonObject): AppError {
  const { code } = status;
  return new AppError('CLUSTER_UNREACHABLE', `the API server answers the watch of ${plural} with ${String(code)}${remarkOf(status)}`);
}
