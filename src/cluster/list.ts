import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { type Answer, type Get, remarkOf } from './api-server.ts';
import { hostConditions } from './host-condition.ts';
import { apiVersionOf, isCustom, listPathOf, type Resource } from './resources.ts';

/** What a cluster says of a kind: its objects, that it has no such kind, or that the user may not know. */
export type Listing =
  | { readonly state: 'listed'; readonly objects: readonly JsonObject[]; readonly resourceVersion: string }
  | { readonly state: 'not-installed' }
  | { readonly state: 'forbidden' };

/** Objects a page where all of them are kept, as kubectl asks for. */
const PAGE_SIZE = '500';

/**
 * Objects a page where none is kept. 500 VMs are 3 MB of text and three times that as objects, which outlive the young generation of
 * the heap: a scan of 10,000 VMs would take 160 MiB more.
 */
const PASSING_PAGE_SIZE = '100';

/** Lists all objects of a kind, in the order of the API server. @throws AppError CLUSTER_UNREACHABLE */
export async function list(resource: Resource, get: Get, limit = PAGE_SIZE): Promise<Listing> {
  const objects: JsonObject[] = [];
  const listing = await listPages(resource, get, { onPage: (page) => void objects.push(...page), limit });
  // The pages so far are of a state that the API server has forgotten. A list in one piece cannot expire halfway.
  if (listing.state === 'expired') return list(resource, get, '');
  return listing.state === 'listed' ? { ...listing, objects } : { state: listing.state };
}

/** What came of a list that was handed on page by page; `expired` when the API server forgot its state halfway. */
export type PagedListing =
  | { readonly state: 'listed'; readonly resourceVersion: string }
  | { readonly state: 'not-installed' | 'forbidden' | 'expired' };

export interface PagingOptions {
  readonly onPage: (objects: readonly JsonObject[]) => void;
  /** Waited for before the next page is asked for, while nothing is kept of the last one. */
  readonly whenReady?: () => Promise<void>;
  /** Objects a page; empty for all at once. */
  readonly limit?: string;
}

/** Lists as `list` does, but keeps no more than a page. @throws AppError CLUSTER_UNREACHABLE */
export async function listPages(resource: Resource, get: Get, options: PagingOptions): Promise<PagedListing> {
  for (let token = ''; ; ) {
    const taken = await takePage(resource, get, options, token);
    if (taken.state !== 'listed' || taken.token === '') return taken;
    token = taken.token;
    await options.whenReady?.();
  }
}

type TakenPage =
  | Exclude<PagedListing, { state: 'listed' }>
  | { readonly state: 'listed'; readonly resourceVersion: string; readonly token: string };

/** Reads a page in a function of its own: what waits for the next one must not hold this one in memory. */
async function takePage(
  resource: Resource,
  get: Get,
  { onPage, limit = PASSING_PAGE_SIZE }: PagingOptions,
  token: string,
): Promise<TakenPage> {
  const answer = await get(pagePathOf(resource, { limit, continue: token }));
  if (answer.status === 410 && token !== '' && limit !== '') return { state: 'expired' };
  if (answer.status === 404 && isCustom(resource)) return { state: 'not-installed' };
  if (answer.status === 403 && !isAnonymous(answer)) return { state: 'forbidden' };
  const page = readPage(answer, resource);
  onPage(page.items.filter(isObject).map((item) => trim(item, resource)));
  return { state: 'listed', token: page.token, resourceVersion: page.resourceVersion };
}

function pagePathOf(resource: Resource, paging: { readonly limit: string; readonly continue: string }): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...paging, labelSelector: resource.labelSelector ?? '' }))
    if (value !== '') query.set(key, value);
  return `${listPathOf(resource)}?${query}`;
}

/** True where the API server saw no credentials at all: then it is not the user's role that lacks something. */
export function isAnonymous({ body }: Answer): boolean {
  return isObject(body) && typeof body['message'] === 'string' && body['message'].includes('"system:anonymous"');
}

interface Page {
  readonly items: readonly unknown[];
  /** Leads to the next page; empty on the last. */
  readonly token: string;
  /** The state of the cluster that all pages are of, where a watch goes on. */
  readonly resourceVersion: string;
}

function readPage(answer: Answer, resource: Resource): Page {
  const body = isObject(answer.body) ? answer.body : {};
  if (answer.status === 401 || answer.status === 403)
    throw new AppError('CLUSTER_UNREACHABLE', `the API server does not accept the user's credentials (${answer.status})`, {
      hint: 'log in again: a token or client certificate that has expired, or none',
    });
  if (answer.status !== 200 || !Array.isArray(body['items'])) {
    throw new AppError(
      'CLUSTER_UNREACHABLE',
      `the API server answers the list of ${resource.plural} with ${answer.status}${remarkOf(body)}`,
      {
        hint: 'check that the kubeconfig names a Kubernetes API server, and try again when it is well',
      },
    );
  }
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  const text = (member: unknown): string => (typeof member === 'string' ? member : '');
  return { items: body['items'], token: text(metadata['continue']), resourceVersion: text(metadata['resourceVersion']) };
}

/** An item as an object of its own, which lists leave out what it is, without the bulk that no rule reads. */
export function trim(item: JsonObject, resource: Resource): JsonObject {
  const { managedFields: _managedFields, ...metadata } = isObject(item['metadata']) ? item['metadata'] : {};
  const trimmed = { ...item, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
  if (resource.kind !== 'Node') return trimmed;
  const status = isObject(item['status']) ? item['status'] : {};
  return { ...trimmed, status: { allocatable: status['allocatable'], conditions: hostConditions(status) } };
}
