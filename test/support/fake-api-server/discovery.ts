import type { ServerResponse } from 'node:http';
import { apiVersionOf, type FakeResource } from './resource.ts';
import type { ApiRequest } from './route.ts';
import { sendJson, sendUnknownPath } from './status.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** What is served: the version of the server, its groups, and the kinds of one of them. Enough for kubectl. */
export function sendDiscovery({ path, group, version }: ApiRequest, served: readonly FakeResource[], response: ServerResponse): void {
  const resources = served.filter((each) => each.group === group && each.version === version);
  if (path === '/version') sendJson(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.0' });
  else if (path === '/api') sendJson(response, 200, { kind: 'APIVersions', versions: ['v1'] });
  else if (path === '/apis') sendJson(response, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(served) });
  else if (resources.length === 0) sendUnknownPath(response);
  else
    sendJson(response, 200, {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: apiVersionOf({ group, version }),
      resources: resources.flatMap(describe),
    });
}

function describe({ plural, kind, namespaced, hasStatus = false, replicasPath }: FakeResource): object[] {
  const subresource = { singularName: '', namespaced, verbs: ['get', 'patch', 'update'] };
  return [
    { name: plural, singularName: kind.toLowerCase(), kind, namespaced, verbs: VERBS },
    ...(hasStatus ? [{ ...subresource, name: `${plural}/status`, kind }] : []),
    ...(replicasPath === undefined
      ? []
      : [{ ...subresource, name: `${plural}/scale`, kind: 'Scale', group: 'autoscaling', version: 'v1' }]),
  ];
}

function groupsOf(served: readonly FakeResource[]): object[] {
  const names = new Set(served.flatMap(({ group }) => (group === '' ? [] : group)));
  return Array.from(names, (name) => {
    const versions = [...new Set(served.filter(({ group }) => group === name).map(({ version }) => version))];
    const described = versions.map((version) => ({ version, groupVersion: `${name}/${version}` }));
    return { name, versions: described, preferredVersion: described[0] };
  });
}
