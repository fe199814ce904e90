import type { Reply, WebhookClient } from './webhook-client.ts';

/** What came of the requests that were sent. */
export interface LoadResult {
  readonly replies: readonly Reply[];
  readonly failures: readonly string[];
}

/** A stream of requests that goes on until it is told to stop. */
export interface Load {
  /** Resolves when every request that was sent has an answer, or has failed. */
  stop(): Promise<LoadResult>;
}

/** Sends `body` from `width` senders at once, each the next one as soon as it has its answer. */
export function startLoad(client: WebhookClient, body: Buffer, width = 6): Load {
  const replies: Reply[] = [];
  const failures: string[] = [];
  let isOpen = true;
  const send = async (): Promise<void> => {
    while (isOpen) {
      try {
        replies.push(await client.post({ body }));
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const senders = Promise.all(Array.from({ length: width }, send));
  return {
    stop: async () => {
      isOpen = false;
      await senders;
      return { replies, failures };
    },
  };
}
