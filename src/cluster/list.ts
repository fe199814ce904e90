import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject, quote } from '../core/json.ts';
import type { Answer, Get } from './api-server.ts';
import { hostConditions } from './host-condition.ts';
import { apiVersionOf, isCustom, listPathOf, type Resource } from './resources.ts';

/** What a cluster says of a kind: its objects, that it has no such kind, or that the user may not know. */
export type Listing =
  | { readonly state: 'listed'; readonly objects: readonly JsonObject[]; readonly resourceVersion: string }
  | { readonly state: 'not-installed' }
  | { readonly state: 'forbidden' };

/** Objects a page, as kubectl asks for. */
const PAGE_SIZE = '500';

/** Lists all objects of a kind, in the order of the API server. @throws AppError CLUSTER_UNREACHABLE */
export async function list(resource: Resource, get: Get, limit = PAGE_SIZE): Promise<Listing> {
  const objects: JsonObject[] = [];
  const listing = await listPages(resource, get, (page) => void objects.push(...page), limit);
  // The pages so far are of a state that the API server has forgotten. A list in one piece cannot expire halfway.
  if (listing.state === 'expired') return list(resource, get, '');
  return listing.state === 'listed' ? { ...listing, objects } : { state: listing.state };
}

/** What came of a list that was handed on page by page; `expired` when the API server forgot its state halfway. */
export type PagedListing =
  | { readonly state: 'listed'; readonly resourceVersion: string }
  | { readonly state: 'not-installed' | 'forbidden' | 'expired' };

/** Lists as `list` does, but keeps no more than a page: the next one is asked for when `onPage` is done. @throws AppError CLUSTER_UNREACHABLE */
export async function listPages(
  resource: Resource,
  get: Get,
  onPage: (objects: readonly JsonObject[]) => Promise<void> | void,
  limit = PAGE_SIZE,
): Promise<PagedListing> {
  let token = '';
  let resourceVersion = '';
  do {
    const answer = await get(pagePathOf(resource, { limit, continue: token }));
    if (answer.status === 410 && token !== '' && limit !== '') return { state: 'expired' };
    if (answer.status === 404 && isCustom(resource)) return { state: 'not-installed' };
    if (answer.status === 403 && !isAnonymous(answer)) return { state: 'forbidden' };
    const page = readPage(answer, resource);
    await onPage(page.items.filter(isObject).map((item) => trim(item, resource)));
    token = page.token;
    resourceVersion = page.resourceVersion;
  } while (token !== '');
  return { state: 'listed', resourceVersion };
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
    const said = typeof body['message'] === 'string' ? `: ${quote(body['message'])}` : '';
    throw new AppError('CLUSTER_UNREACHABLE', `the API server answers the list of ${resource.plural} with ${answer.status}${said}`, {
      hint: 'check that the kubeconfig names a Kubernetes API server, and try again when it is well',
    });
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
