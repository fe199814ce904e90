import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { listPathOf, RESOURCES } from '../../src/cluster/resources.ts';
import { isObject, type JsonObject } from '../../src/core/json.ts';

/** The only token that the server accepts. */
export const TOKEN = 'token-8f14e45f';

/** Answers one request instead of the server; `undefined` leaves it to the server. */
type Interception = (url: URL, response: ServerResponse) => true | undefined;

export interface FakeApiServer {
  readonly url: string;
  readonly ca: string;
  /** Path and query of each request, in their order. */
  readonly requests: readonly string[];
  /** The most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts an HTTPS server that lists `objects` as kube-apiserver does: in pages, by label, for a token. */
export async function startApiServer(objects: readonly JsonObject[], intercept: Interception = () => undefined): Promise<FakeApiServer> {
  const { ca, cert, key } = await createPair(LOCAL_HOSTS, Date.now());
  const requests: string[] = [];
  let underWay = 0;
  let most = 0;
  const server = createServer({ cert, key }, (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? '');
    underWay += 1;
    most = Math.max(most, underWay);
    // Before the client can see the answer, and ask again.
    response.on('prefinish', () => {
      underWay -= 1;
    });
    const url = new URL(request.url ?? '', 'https://fake');
    if (request.headers.authorization !== `Bearer ${TOKEN}`) answerStatus(response, 401, 'Unauthorized');
    else if (intercept(url, response) === undefined) answerList(url, objects, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    requests,
    mostAtOnce: () => most,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as the API server does when it refuses. */
export function answerStatus(response: ServerResponse, code: number, message: string): true {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code }));
  return true;
}

/** What an API server without a CustomResourceDefinition says to its path. */
export function answerUnknownPath(response: ServerResponse): true {
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end('404 page not found\n');
  return true;
}

function answerList(url: URL, objects: readonly JsonObject[], response: ServerResponse): void {
  const resource = RESOURCES.find((each) => listPathOf(each) === url.pathname);
  if (resource === undefined) {
    answerUnknownPath(response);
    return;
  }
  const label = url.searchParams.get('labelSelector');
  const listed = objects.filter(({ kind, metadata }) => kind === resource.kind && (label === null || hasLabel(metadata, label)));
  const start = Number(url.searchParams.get('continue') ?? 0);
  const end = start + Number(url.searchParams.get('limit') ?? listed.length);
  const isBuiltIn = !resource.group.includes('.');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      kind: `${resource.kind}List`,
      metadata: {
        resourceVersion: '7',
        ...(end < listed.length ? { continue: String(end), remainingItemCount: listed.length - end } : {}),
      },
      items: listed.slice(start, end).map((object) => (isBuiltIn ? { ...object, kind: undefined, apiVersion: undefined } : object)),
    }),
  );
}

function hasLabel(metadata: unknown, label: string): boolean {
  return isObject(metadata) && isObject(metadata['labels']) && Object.hasOwn(metadata['labels'], label);
}
