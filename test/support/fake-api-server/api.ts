import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../../src/core/json.ts';
import { type Admission, createAdmission } from './admission.ts';
import { sendDiscovery } from './discovery.ts';
import { Failures, sendFailure } from './failures.ts';
import { sendList, sendWatch, type Watch } from './reading.ts';
import { apiVersionOf, type FakeResource } from './resource.ts';
import { type ApiRequest, serves } from './route.ts';
import { scaleOf } from './scale.ts';
import { sendJson, sendRefusal, sendUnknownPath } from './status.ts';
import { Store, type Stored } from './store.ts';
import { sendWrite } from './writing.ts';

/** The API without its connections: what is served, what is stored, who watches, what is to fail. */
export class Api {
  readonly store = new Store();
  readonly failures = new Failures();
  readonly watches = new Set<Watch>();
  /** Ports of webhooks by Service, as `namespace/name`. */
  readonly endpoints = new Map<string, number>();
  readonly #served: Set<FakeResource>;
  readonly #admission: Admission = createAdmission((kind) => this.#objectsOf(kind), this.endpoints);

  constructor(resources: readonly FakeResource[]) {
    this.#served = new Set(resources);
  }

  answer(request: ApiRequest, response: ServerResponse): void {
    const failure = this.failures.take(request);
    if (failure !== undefined) sendFailure(failure, request, response);
    else if (request.verb === 'other') sendDiscovery(request, [...this.#served], response);
    else {
      const resource = [...this.#served].find((each) => serves(each, request));
      if (resource === undefined) sendUnknownPath(response);
      else this.#answerFor(resource, request, response);
    }
  }

  register(resource: FakeResource): void {
    this.#served.add(resource);
  }

  unregister({ group, plural }: Pick<FakeResource, 'group' | 'plural'>): void {
    for (const resource of this.#served) {
      if (resource.group !== group || resource.plural !== plural) continue;
      this.#served.delete(resource);
      this.store.drop(resource);
      for (const watch of this.watches) if (watch.resource === resource) watch.end();
    }
  }

  put(object: JsonObject): Stored {
    return this.store.write(this.resourceOf(object), object, '');
  }

  resourceOf({ apiVersion, kind }: { readonly apiVersion?: unknown; readonly kind?: unknown }): FakeResource {
    const isMeant = (each: FakeResource): boolean => each.kind === kind && (apiVersion === undefined || apiVersion === apiVersionOf(each));
    const resource = [...this.#served].find(isMeant);
    if (resource === undefined) throw new Error(`the fake API server has no ${String(apiVersion ?? '')} ${String(kind)}: register it`);
    return resource;
  }

  #answerFor(resource: FakeResource, request: ApiRequest, response: ServerResponse): void {
    if (request.verb === 'list') sendList(request, resource, this.store, response);
    else if (request.verb === 'get') this.#sendObject(resource, request, response);
    else if (request.verb === 'watch') this.#sendWatch(resource, request, response);
    else sendWrite(request, { resource, store: this.store, admission: this.#admission }, response);
  }

  #objectsOf(kind: string): readonly Stored[] {
    const resource = [...this.#served].find((each) => each.kind === kind);
    return resource === undefined ? [] : this.store.objects(resource);
  }

  #sendObject(resource: FakeResource, { namespace, name, plural, subresource }: ApiRequest, response: ServerResponse): void {
    const object = this.store.get(resource, namespace, name);
    if (object === undefined) sendRefusal(response, { code: 404, message: `${plural} "${name}" not found` });
    else if (subresource !== 'scale') sendJson(response, 200, object);
    else if (resource.replicasPath === undefined) sendUnknownPath(response);
    else sendJson(response, 200, scaleOf(resource, object));
  }

  #sendWatch(resource: FakeResource, request: ApiRequest, response: ServerResponse): void {
    const watch = sendWatch(request, resource, this.store, response);
    if (watch === undefined) return;
    this.watches.add(watch);
    response.on('close', () => this.watches.delete(watch));
  }
}
