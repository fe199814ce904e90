import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject, quote } from '../core/json.ts';
import type { Answer, Get } from './api-server.ts';
import { apiVersionOf, isCustom, listPathOf, type Resource } from './resources.ts';

/** What a cluster says of a kind: its objects, that it has no such kind, or that the user may not know. */
export type Listing =
  | { readonly state: 'listed'; readonly objects: readonly JsonObject[] }
  | { readonly state: 'not-installed' }
  | { readonly state: 'forbidden' };

/** Objects a page, as kubectl asks for. */
const PAGE_SIZE = '500';

/** Lists all objects of a kind, in the order of the API server. @throws AppError CLUSTER_UNREACHABLE */
export async function list(resource: Resource, get: Get, limit = PAGE_SIZE): Promise<Listing> {
  const objects: JsonObject[] = [];
  let token = '';
  do {
    const answer = await get(pagePathOf(resource, { limit, continue: token }));
    // The pages so far are of a state that the API server has forgotten. A list in one piece cannot expire halfway.
    if (answer.status === 410 && token !== '' && limit === PAGE_SIZE) return list(resource, get, '');
    if (answer.status === 404 && isCustom(resource)) return { state: 'not-installed' };
    if (answer.status === 403 && !isAnonymous(answer)) return { state: 'forbidden' };
    const page = readPage(answer, resource);
    for (const item of page.items) if (isObject(item)) objects.push(trim(item, resource));
    token = page.token;
  } while (token !== '');
  return { state: 'listed', objects };
}

function pagePathOf(resource: Resource, paging: { readonly limit: string; readonly continue: string }): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...paging, labelSelector: resource.labelSelector ?? '' }))
    if (value !== '') query.set(key, value);
  return `${listPathOf(resource)}?${query}`;
}

/** True where the API server saw no credentials at all: then it is not the user's role that lacks something. */
function isAnonymous({ body }: Answer): boolean {
  return isObject(body) && typeof body['message'] === 'string' && body['message'].includes('"system:anonymous"');
}

function readPage(answer: Answer, resource: Resource): { readonly items: readonly unknown[]; readonly token: string } {
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
  return { items: body['items'], token: typeof metadata['continue'] === 'string' ? metadata['continue'] : '' };
}

/** An item as an object of its own, which lists leave out what it is, without the bulk that no rule reads. */
function trim(item: JsonObject, resource: Resource): JsonObject {
  const { managedFields: _managedFields, ...metadata } = isObject(item['metadata']) ? item['metadata'] : {};
  const trimmed = { ...item, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
  if (resource.kind !== 'Node') return trimmed;
  const status = isObject(item['status']) ? item['status'] : {};
  return { ...trimmed, status: { allocatable: status['allocatable'] } };
}
