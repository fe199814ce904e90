import type { Server } from 'node:https';
import { createHandlers } from '../../src/admission/handlers.ts';
import { createWebhookServer, type WebhookServerOptions } from '../../src/admission/http.ts';
import { close, listen } from '../../src/admission/listener.ts';
import { createPair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { exampleEngine } from './reviews.ts';
import { type ClientOptions, WebhookClient } from './webhook-client.ts';

/** A webhook server on a free port with a certificate of its own, and a client that trusts it. */
export interface TestServer {
  readonly server: Server;
  readonly port: number;
  readonly ca: string;
  readonly client: WebhookClient;
  connect(options?: Pick<ClientOptions, 'keepAlive'>): WebhookClient;
  stop(): Promise<void>;
}

/** Starts the real server over HTTPS with every rule. */
export async function startTestServer(options: Partial<WebhookServerOptions> = {}): Promise<TestServer> {
  const { ca, cert, key } = await createPair(LOCAL_HOSTS, Date.now());
  const engine = exampleEngine();
  const server = createWebhookServer({
    handlers: createHandlers(() => engine),
    certificate: { cert, key },
    observe: () => undefined,
    isDraining: () => false,
    ...options,
  });
  const { port } = await listen(server, { host: '127.0.0.1', port: 0 });
  const connect: TestServer['connect'] = (connection) => new WebhookClient({ port, ca, ...connection });
  const client = connect();
  return { server, port, ca, client, connect, stop: () => close(server, 0) };
}
