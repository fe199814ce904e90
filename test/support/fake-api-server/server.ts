import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { createPair, LOCAL_HOSTS } from '../../../src/certificates/self-signed.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { TOKEN } from '../fake-api-server.ts';
import { kubeconfigFor, trusting } from '../kubeconfig.ts';
import { Api } from './api.ts';
import type { Failure } from './failures.ts';
import type { Watch } from './reading.ts';
import { DEFAULT_RESOURCES, type FakeResource } from './resource.ts';
import { type ApiRequest, placeOf, verbOf } from './route.ts';
import { sendRefusal } from './status.ts';
import type { Stored } from './store.ts';

/** Names a stored object. `apiVersion` tells kinds of the same name apart, `namespace` is left out for cluster-wide ones. */
export interface ObjectName {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** An HTTPS server that reads and writes as kube-apiserver does, as far as this project asks it. */
export interface FakeApiServer {
  readonly url: string;
  readonly ca: string;
  /** Writes a kubeconfig for this server, until the running test is over. @returns its path */
  kubeconfig(): string;
  /** Serves one more kind, as when its CustomResourceDefinition is created. */
  register(resource: FakeResource): void;
  /** Serves a kind no longer, and forgets its objects; its watches end. */
  unregister(resource: Pick<FakeResource, 'group' | 'plural'>): void;
  /** Creates or replaces an object behind the API, and tells watches. @returns it as stored */
  put(object: JsonObject): Stored;
  /** Where on 127.0.0.1 webhooks of a Service, `namespace/name`, are called. */
  endpoint(service: string, port: number): void;
  remove(name: ObjectName): void;
  get(name: ObjectName): Stored | undefined;
  list(kind: string, apiVersion?: string): readonly Stored[];
  /** Makes the next `times` requests that match fail (Infinity: all). @returns a function that takes back what is left of it */
  failNext(match: (request: ApiRequest) => boolean, failure: Failure, times?: number): () => void;
  /** Cuts the connections of all watches. */
  dropWatches(): void;
  /** Ends all watches in good order, as their timeout does. */
  endWatches(): void;
  /** Tells all watches that allow bookmarks the newest resourceVersion. */
  bookmark(): void;
  /** Forgets the history: watches of an older version get 410 in their stream. */
  compact(): void;
  /** Watches that are open. */
  watches(): number;
  /** Connections that were accepted so far. */
  connections(): number;
  /** All requests so far, failed ones too. */
  readonly requests: readonly ApiRequest[];
  /** Ends everything. What is stored stays. */
  stop(): Promise<void>;
  /** Listens again on the port it had. */
  start(): Promise<void>;
}

export interface FakeApiServerOptions {
  readonly objects?: readonly JsonObject[];
  /** Kinds that are served; `DEFAULT_RESOURCES` otherwise. */
  readonly resources?: readonly FakeResource[];
}

/** Starts a server on a free port of 127.0.0.1, for the bearer of `TOKEN`. Stop it with `onTestFinished(server.stop)`. */
export async function startFakeApiServer({ objects = [], resources }: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const { ca, cert, key } = await createPair(LOCAL_HOSTS, Date.now());
  const api = new Api(resources ?? DEFAULT_RESOURCES);
  const requests: ApiRequest[] = [];
  const server = createServer({ cert, key }, async (message, response) => {
    const request = await readRequest(message);
    requests.push(request);
    if (message.headers.authorization !== `Bearer ${TOKEN}`) sendRefusal(response, { code: 401, message: 'Unauthorized' });
    else api.answer(request, response);
  });
  // Also those that no request came on yet, which the server itself would wait for.
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  for (const object of objects) api.put(object);
  const eachWatch = (act: (watch: Watch) => void) => () => [...api.watches].forEach(act);
  return {
    url,
    ca,
    requests,
    kubeconfig: () => kubeconfigFor({ server: url, cluster: trusting(ca) }),
    register: (resource) => api.register(resource),
    unregister: (resource) => api.unregister(resource),
    put: (object) => api.put(object),
    endpoint: (service, port) => void api.endpoints.set(service, port),
    remove: ({ namespace = '', name, ...type }) => void api.store.remove(api.resourceOf(type), namespace, name),
    get: ({ namespace = '', name, ...type }) => api.store.get(api.resourceOf(type), namespace, name),
    list: (kind, apiVersion) => api.store.objects(api.resourceOf({ kind, apiVersion })),
    failNext: (match, failure, times = 1) => api.failures.plan(match, failure, times),
    dropWatches: eachWatch((watch) => watch.drop()),
    endWatches: eachWatch((watch) => watch.end()),
    bookmark: eachWatch((watch) => watch.bookmark()),
    compact: () => api.store.compact(),
    watches: () => api.watches.size,
    connections: () => accepted,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    start: () => listen(port),
  };
}

async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const { method = '', url = '' } = message;
  const { pathname, searchParams } = new URL(url, 'https://fake');
  const place = placeOf(pathname);
  const body = await text(message).catch(() => '');
  return {
    ...place,
    method,
    url,
    path: pathname,
    query: searchParams,
    verb: verbOf(method, place, searchParams),
    contentType: message.headers['content-type'] ?? '',
    body: body === '' ? undefined : parse(body),
  };
}
