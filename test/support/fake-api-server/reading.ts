import type { ServerResponse } from 'node:http';
import type { FakeResource } from './resource.ts';
import { apiVersionOf } from './resource.ts';
import type { ApiRequest } from './route.ts';
import { selectionOf } from './selection.ts';
import { sendJson, statusOf } from './status.ts';
import type { Change, Store, Stored } from './store.ts';

/** Answers a list: in pages where `limit` asks for them; objects of built-in kinds without their apiVersion and kind. */
export function sendList(request: ApiRequest, resource: FakeResource, store: Store, response: ServerResponse): void {
  const listed = store.objects(resource).filter(selectionOf(request));
  const start = Number(request.query.get('continue') ?? 0);
  const end = start + Number(request.query.get('limit') ?? listed.length);
  const isBuiltIn = !resource.group.includes('.') || resource.group.endsWith('.k8s.io');
  sendJson(response, 200, {
    apiVersion: apiVersionOf(resource),
    kind: `${resource.kind}List`,
    metadata: {
      resourceVersion: String(store.version),
      ...(end < listed.length ? { continue: String(end), remainingItemCount: listed.length - end } : {}),
    },
    items: listed.slice(start, end).map((object) => (isBuiltIn ? { ...object, kind: undefined, apiVersion: undefined } : object)),
  });
}

/** A watch that is open. */
export interface Watch {
  readonly resource: FakeResource;
  /** Tells the newest resourceVersion, where the client asked for that. */
  bookmark(): void;
  /** Ends the stream as a timeout does. */
  end(): void;
  /** Cuts the connection. */
  drop(): void;
}

/** Answers a watch. A version that is forgotten gets 410 in the stream, as from the watch cache. */
export function sendWatch(request: ApiRequest, resource: FakeResource, store: Store, response: ServerResponse): Watch | undefined {
  const given = request.query.get('resourceVersion') ?? '';
  const isWanted = selectionOf(request);
  const send = (type: string, object: unknown): void => void response.write(`${JSON.stringify({ type, object })}\n`);
  const tell = (change: Change): void => {
    const event = change.resource === resource ? eventOf(change, isWanted) : undefined;
    if (event !== undefined) send(event.type, event.object);
  };
  const missed = given === '' || given === '0' ? [] : store.since(Number(given));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (missed === undefined) {
    send('ERROR', statusOf({ code: 410, message: `too old resource version: ${given}` }));
    response.end();
    return undefined;
  }
  if (given === '' || given === '0') for (const object of store.objects(resource).filter(isWanted)) send('ADDED', object);
  for (const change of missed) tell(change);
  const stop = store.onChange(tell);
  const bookmark = (): void => {
    if (request.query.get('allowWatchBookmarks') !== 'true') return;
    const metadata = { resourceVersion: String(store.version), creationTimestamp: null };
    send('BOOKMARK', { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata });
  };
  const end = (): void => {
    if (response.writableEnded) return;
    bookmark();
    response.end();
    stop();
  };
  const seconds = Number(request.query.get('timeoutSeconds') ?? 0);
  const timer = seconds > 0 ? setTimeout(end, seconds * 1000) : undefined;
  response.on('close', () => {
    stop();
    clearTimeout(timer);
  });
  return { resource, bookmark, end, drop: () => void response.socket?.destroy() };
}

/** What a watch is told of a change. To it an object that leaves its selection is deleted, and one that enters is new. */
function eventOf({ version, before, after }: Change, isWanted: (object: Stored) => boolean): { type: string; object: Stored } | undefined {
  const was = before !== undefined && isWanted(before);
  const is = after !== undefined && isWanted(after);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: after };
  if (!was) return undefined;
  return { type: 'DELETED', object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } } };
}
