import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait that an API server is granted, in milliseconds: what it asks for beyond that is its mistake. */
const MOST_WAIT_MS = 10_000;

const MOST_RETRIES = 3;

/** How a wait that the API server asks for may end. */
export interface Waiting {
  /** Longest wait for an answer, in milliseconds; a wait between two requests takes half of it at most. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The wait that the API server asks for when it has too much to do, in milliseconds: it did nothing, and may be asked again. */
export function retryAfterMs({ statusCode = 0, headers }: IncomingMessage): number | undefined {
  const seconds = headers['retry-after'] ?? '';
  return (statusCode === 429 || statusCode >= 500) && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** Waits for as long as the API server asked, within bounds. @throws AbortError */
export async function waitAsAsked(askedMs: number | undefined, { timeoutMs, signal }: Waiting): Promise<void> {
  if (askedMs !== undefined) await sleep(Math.min(askedMs, MOST_WAIT_MS, timeoutMs / 2), undefined, signal && { signal });
}

/** Asks again, a few times, when the API server says after which time it can answer. @throws what `ask` throws, and AbortError */
export async function askPatiently<Answer extends { readonly retryAfterMs?: number | undefined }>(
  ask: () => Promise<Answer>,
  waiting: Waiting,
): Promise<Answer> {
  for (let retries = 0; ; retries += 1) {
    const answer = await ask();
    if (answer.retryAfterMs === undefined || retries === MOST_RETRIES) return answer;
    await waitAsAsked(answer.retryAfterMs, waiting);
  }
}
