import type { FakeResource } from './resource.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'other';

/** A request as the API server understands it, for matching and for the log. */
export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  /** Without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly verb: Verb;
  /** Empty for a path that leads to no resource. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty where the path names none. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly contentType: string;
  /** Parsed JSON or YAML; undefined when empty. */
  readonly body: unknown;
}

type Place = Pick<ApiRequest, 'group' | 'version' | 'plural' | 'namespace' | 'name' | 'subresource'>;

/** Where a path below the API server's URL leads. */
export function placeOf(path: string): Place {
  const [root = '', ...rest] = path.split('/').slice(1).map(decodeURIComponent);
  const group = root === 'apis' ? (rest.shift() ?? '') : '';
  const [version = '', ...parts] = rest;
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status';
  const [plural = '', name = '', subresource = ''] = isNamespaced ? parts.slice(2) : parts;
  return { group, version, plural, namespace: isNamespaced ? (parts[1] ?? '') : '', name, subresource };
}

const WRITES: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export function verbOf(method: string, { plural, name }: Place, query: URLSearchParams): Verb {
  if (plural === '') return 'other';
  if (method !== 'GET') return WRITES[method] ?? 'other';
  if (name !== '') return 'get';
  return /^(1|true)$/.test(query.get('watch') ?? '') ? 'watch' : 'list';
}

export function serves(resource: FakeResource, { group, version, plural }: Place): boolean {
  return resource.group === group && resource.version === version && resource.plural === plural;
}
