import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { type ByteBudget, readBody } from './body.ts';
import type { Refusal } from './decode.ts';
import type { Handler } from './handlers.ts';
import { renderRefusal } from './respond.ts';
import type { Webhook } from './review.ts';
import type { Observer, Turn } from './turn.ts';

/** Answers one POST. A plain Node listener: it needs nothing of express, which would double the cost of a review. */
export type Endpoint = (request: IncomingMessage, response: ServerResponse) => void;

export interface EndpointOptions {
  readonly webhook: Webhook;
  readonly handle: Handler;
  readonly budget: ByteBudget;
  readonly turn: Turn;
  readonly observe: Observer;
  /** While true every answer closes its connection: the API server stays on a connection for as long as it is open. */
  readonly isDraining: () => boolean;
}

/** How long the rest of a refused body is read and thrown away in milliseconds, so that the client gets to see the answer. */
const LINGER_MS = 2000;

export function createEndpoint({ webhook, handle, budget, turn, observe, isDraining }: EndpointOptions): Endpoint {
  return (request, response) => {
    readBody(request, budget, {
      accept: (body, release) => {
        const send = ({ httpStatus, body: text }: Answer): void => {
          const bytes = Buffer.from(text);
          sendHead(response, httpStatus, bytes, isDraining());
          response.end(bytes);
          release();
        };
        turn({ webhook, handle, body, send });
      },
      refuse: (refusal) => {
        refuse(request, response, refusal);
        observe(webhook, { state: 'refused', message: refusal.message }, 0);
      },
    });
  };
}

function sendHead(response: ServerResponse, httpStatus: number, body: Buffer, isLast: boolean): void {
  const headers: Record<string, string | number> = { 'content-type': 'application/json', 'content-length': body.length };
  if (isLast) headers['connection'] = 'close';
  // client-go repeats a refused call only when it is told how long to wait.
  if (httpStatus === 429) headers['retry-after'] = 1;
  response.writeHead(httpStatus, headers);
}

/**
 * Sends the whole answer, but ends it only after the client has sent its body: closing a socket with unread bytes resets the
 * connection, and the client would see the reset and not the answer.
 */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const body = Buffer.from(renderRefusal(refusal));
  sendHead(response, refusal.code, body, true);
  response.write(body);
  const end = (): void => {
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  response.on('close', () => clearTimeout(timer));
  if (request.readableEnded) end();
  else request.on('end', end).resume();
}
