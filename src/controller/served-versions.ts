import type { Resource } from '../cluster/resources.ts';

/** A kind that older releases serve under other versions, in the same shape. */
export interface VersionedResource extends Resource {
  /** The newest first; absent where there is but one. */
  readonly olderVersions?: readonly string[];
}

/** Knows under which of its versions each kind is served. */
export class ServedVersions {
  readonly #served = new Map<string, Resource>();

  /** A resource as it is served; the newest version until something else is found. */
  of(resource: VersionedResource): Resource {
    return this.#served.get(resource.kind) ?? resource;
  }

  /**
   * Asks for each version, the newest first, until one is installed, and remembers it.
   * @returns the last answer. @throws what `ask` throws
   */
  async find<Answer extends { readonly state: string }>(
    { olderVersions = [], ...resource }: VersionedResource,
    ask: (resource: Resource) => Promise<Answer>,
  ): Promise<Answer> {
    let answer = await this.#ask(resource, ask);
    for (const version of olderVersions) {
      if (answer.state !== 'not-installed') return answer;
      answer = await this.#ask({ ...resource, version }, ask);
    }
    return answer;
  }

  async #ask<Answer extends { readonly state: string }>(resource: Resource, ask: (resource: Resource) => Promise<Answer>): Promise<Answer> {
    const answer = await ask(resource);
    if (answer.state !== 'not-installed') this.#served.set(resource.kind, resource);
    return answer;
  }
}
