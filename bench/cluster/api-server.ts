import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { createPair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { nadText, placeOfNad } from './objects.ts';
import { keyOf, Store } from './store.ts';

// An API server that keeps texts and hands them out: what it does is no part of any figure. It knows lists in pages, watches, and
// writes without conflicts; which kinds there are it does not know, so that each of them is there and most of them empty.

const [vms = '0', nads = '0', priority = '0'] = process.argv.slice(2);

/** As often as a kube-apiserver tells its watches that it is still there, in milliseconds. */
const BOOKMARK_MS = 60_000;

/** What the bench may ask for over the channel between the processes. */
export type ApiServerRequest =
  | { readonly ask: 'figures' }
  /** Changes a NAD, and tells those who watch. */
  | { readonly ask: 'change'; readonly nad: number; readonly iftype: string };

/** The answer to each request, and the first word of the server. */
export interface ApiServerFigures {
  readonly url: string;
  readonly ca: string;
  /** Report writes so far: creations, updates and deletions. */
  readonly reportWrites: number;
  readonly eventWrites: number;
  /** When the last report was written, in milliseconds since 1970. */
  readonly lastReportMs: number;
  readonly reports: number;
}

const REPORTS = 'openreports.io/v1alpha1/reports';
const EVENTS = 'v1/events';
const NADS = 'k8s.cni.cncf.io/v1/network-attachment-definitions';

const store = new Store({ vms: Number(vms), nads: Number(nads) });
const watches = new Map<string, Set<ServerResponse>>();
const writes = { reports: 0, events: 0, lastReportMs: 0 };

setPriority(Number(priority));
const { ca, cert, key } = await createPair(LOCAL_HOSTS, Date.now());
const server = createServer({ cert, key, keepAliveTimeout: 120_000 }, (request, response) => void answer(request, response));
server.listen(0, '127.0.0.1', tellFigures);
process.on('message', (request: ApiServerRequest) => {
  if (request.ask === 'change') changeNad(request.nad, request.iftype);
  tellFigures();
});

// The bench may end in the middle of something.
process.on('disconnect', () => process.exit());
setInterval(() => {
  const bookmark = `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"${store.version}"}}}\n`;
  for (const open of watches.values()) for (const watch of open) watch.write(bookmark);
}, BOOKMARK_MS).unref();

function tellFigures(): void {
  const figures: ApiServerFigures = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca,
    reportWrites: writes.reports,
    eventWrites: writes.events,
    lastReportMs: writes.lastReportMs,
    reports: store.size(REPORTS),
  };
  process.send?.(figures);
}

function changeNad(index: number, iftype: string): void {
  const object = JSON.parse(nadText(index, iftype)) as { metadata: { resourceVersion: string } };
  object.metadata.resourceVersion = String(store.version + 1);
  const changed = JSON.stringify(object);
  store.put(NADS, keyOf(placeOfNad(index)), changed);
  for (const watch of watches.get(NADS) ?? []) watch.write(`{"type":"MODIFIED","object":${changed}}\n`);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'https://localhost');
  const { collection, namespace, name } = placeOf(pathname);
  if (request.method !== 'GET') await write(request, response, collection, keyOf({ namespace, name }));
  else if (searchParams.get('watch') === 'true') openWatch(collection, response);
  else if (name === '') sendPage(response, collection, searchParams);
  else send(response, store.get(collection, keyOf({ namespace, name })));
}

/** `/apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL/NAME`, with or without its last parts. */
function placeOf(path: string): { collection: string; namespace: string; name: string } {
  const [root, ...rest] = path.slice(1).split('/').map(decodeURIComponent);
  const type = rest.splice(0, root === 'api' ? 1 : 2).join('/');
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = isNamespaced ? (rest[1] ?? '') : '';
  const [plural = '', name = ''] = isNamespaced ? rest.slice(2) : rest;
  return { collection: `${type}/${plural}`, namespace, name };
}

function sendPage(response: ServerResponse, collection: string, query: URLSearchParams): void {
  const texts = store.list(collection);
  const start = Number(query.get('continue') ?? 0);
  const end = start + Number(query.get('limit') ?? texts.length);
  const metadata = { resourceVersion: String(store.version), ...(end < texts.length && { continue: String(end) }) };
  send(response, `{"kind":"List","metadata":${JSON.stringify(metadata)},"items":[${texts.slice(start, end).join(',')}]}`);
}

function openWatch(collection: string, response: ServerResponse): void {
  const open = watches.get(collection) ?? new Set();
  watches.set(collection, open.add(response));
  response.on('close', () => open.delete(response));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
}

async function write(request: IncomingMessage, response: ServerResponse, collection: string, key: string): Promise<void> {
  const body = await text(request);
  if (collection === REPORTS) {
    writes.reports += 1;
    writes.lastReportMs = Date.now();
  }
  if (collection === EVENTS) {
    // Nobody reads them here, and there are many.
    writes.events += 1;
    send(response, body, 201);
  } else if (request.method === 'DELETE') {
    store.remove(collection, key);
    send(response, '{}');
  } else {
    const object = JSON.parse(body) as { metadata: { namespace?: string; name: string; resourceVersion?: string } };
    object.metadata.resourceVersion = String(store.version + 1);
    const kept = JSON.stringify(object);
    store.put(collection, keyOf({ namespace: '', ...object.metadata }), kept);
    send(response, kept, request.method === 'POST' ? 201 : 200);
  }
}

function send(response: ServerResponse, body: string | undefined, code = 200): void {
  const found = body ?? JSON.stringify({ kind: 'Status', status: 'Failure', message: 'not found', code: 404 });
  response.writeHead(body === undefined ? 404 : code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(found) });
  response.end(found);
}
