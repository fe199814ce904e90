import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { type ByteBudget, createByteBudget } from './body.ts';
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts';
import type { Handler } from './handlers.ts';
import type { Webhook } from './review.ts';
import { createTurn } from './turn.ts';

/** What the webhook server is made of. Its certificate can be replaced with `setSecureContext`. */
export interface WebhookServerOptions extends Pick<EndpointOptions, 'observe' | 'isDraining'> {
  readonly handlers: Readonly<Record<Webhook, Handler>>;
  readonly certificate: Pick<SecureContextOptions, 'cert' | 'key'>;
  /** Of the whole server; 64 MiB unless given. */
  readonly budget?: ByteBudget;
  /** Replaces some of `CONNECTION_LIMITS`. */
  readonly limits?: Partial<ConnectionLimits>;
}

/** TLS as the API server speaks it: HTTP/1.1, at least TLS 1.2. Needed again with every new certificate. */
export const TLS_OPTIONS = { minVersion: 'TLSv1.2' } as const satisfies SecureContextOptions;

/**
 * Limits against slow and idle clients, in milliseconds.
 *
 * The API server's own idle limit is 90 s. It must be the first to close, since it does not repeat a POST that it sends into a
 * closing connection.
 */
const CONNECTION_LIMITS = {
  keepAliveTimeout: 120_000,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
} as const satisfies ServerOptions;

type ConnectionLimits = Record<keyof typeof CONNECTION_LIMITS, number>;

/** An idle TLS connection takes about 60 kB; an API server holds 25. */
const MOST_CONNECTIONS = 1000;

/** The HTTPS server of both webhooks, not yet listening. */
export function createWebhookServer(options: WebhookServerOptions): TlsServer {
  const { handlers, certificate, observe, isDraining, budget = createByteBudget(), limits } = options;
  const turn = createTurn(observe);
  const endpointOf = (webhook: Webhook): Endpoint =>
    createEndpoint({ webhook, handle: handlers[webhook], budget, turn, observe, isDraining });
  const endpoints = { '/mutate': endpointOf('mutate'), '/validate': endpointOf('validate') };
  const app = createWebhookApp(endpoints);
  const tls = { ...TLS_OPTIONS, ...certificate, ALPNProtocols: ['http/1.1'], handshakeTimeout: 5000 };
  const server = createTlsServer({ ...CONNECTION_LIMITS, ...limits, ...tls }, (request, response) => {
    // The hot path past express, which alone takes longer than reading, judging and answering a review.
    const url = request.url ?? '';
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    if (request.method === 'POST' && (path === '/mutate' || path === '/validate')) endpoints[path](request, response);
    else app(request, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

function createWebhookApp(endpoints: Readonly<Record<string, Endpoint>>): Express {
  const app = createApp();
  for (const [path, endpoint] of Object.entries(endpoints)) app.post(path, endpoint).all(path, refuseMethod('POST'));
  return closeApp(app);
}

/** What the health server tells. */
export interface HealthServerOptions {
  /** Why the server is not ready; empty when it is. */
  readonly unreadiness: () => readonly string[];
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** The plain HTTP server of probes and metrics, not yet listening. */
export function createHealthServer({ unreadiness, metrics }: HealthServerOptions): Server {
  const app = createApp();
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = unreadiness();
    response
      .status(reasons.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics();
    response.set('content-type', contentType).send(text);
  });
  for (const path of ['/healthz', '/readyz', '/metrics']) app.all(path, refuseMethod('GET, HEAD'));
  return createServer(CONNECTION_LIMITS, closeApp(app));
}

function createApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  return app;
}

function refuseMethod(allowed: string): RequestHandler {
  return (request, response) => {
    response.status(405).set('allow', allowed).type('text/plain').send(`${request.path} takes ${allowed} only\n`);
  };
}

/** The last two handlers: a path that does not exist, and a crash, neither with a stack trace. */
function closeApp(app: Express): Express {
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('no such path\n');
  });
  const crash: ErrorRequestHandler = (error: { status?: unknown }, _request, response, next) => {
    if (response.headersSent) return next(error);
    // A path that cannot be decoded ("/%") arrives here with its own status.
    const status = error.status === 400 ? 400 : 500;
    response
      .status(status)
      .type('text/plain')
      .send(status === 400 ? 'bad request\n' : 'internal error\n');
  };
  app.use(crash);
  return app;
}
