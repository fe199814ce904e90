import type { ServerResponse } from 'node:http';
import type { ApiRequest } from './route.ts';
import { type Refusal, sendRefusal } from './status.ts';

/**
 * What becomes of a request instead of its answer: a status; `hang` never answers; `reset` cuts the connection;
 * `silent` begins an answer and never says anything in it.
 */
export type Failure = number | Refusal | 'hang' | 'reset' | 'silent';

interface Planned {
  readonly match: (request: ApiRequest) => boolean;
  readonly failure: Failure;
  left: number;
}

/** Failures that are waiting for their requests, in the order they were asked for. */
export class Failures {
  readonly #planned = new Set<Planned>();

  /** @returns a function that takes back what is left of it */
  plan(match: Planned['match'], failure: Failure, times: number): () => void {
    const planned = { match, failure, left: times };
    this.#planned.add(planned);
    return () => void this.#planned.delete(planned);
  }

  /** The failure of a request, which is used up by it. */
  take(request: ApiRequest): Failure | undefined {
    const planned = [...this.#planned].find(({ match }) => match(request));
    if (planned === undefined) return undefined;
    planned.left -= 1;
    if (planned.left <= 0) this.#planned.delete(planned);
    return planned.failure;
  }
}

export function sendFailure(failure: Failure, { verb, plural }: ApiRequest, response: ServerResponse): void {
  if (failure === 'hang') return;
  if (failure === 'reset') response.socket?.destroy();
  else if (failure === 'silent') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  } else if (failure === 403)
    sendRefusal(response, { code: 403, message: `${plural} is forbidden: User "test" cannot ${verb} resource "${plural}"` });
  else if (typeof failure === 'number')
    sendRefusal(response, { code: failure, message: `${verb} ${plural} fails because a test wants so` });
  else sendRefusal(response, failure);
}
