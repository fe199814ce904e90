import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';

/** A response, read whole. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface ClientOptions {
  readonly port: number;
  readonly ca: string;
  /** As the API server does: connections are kept and used again. */
  readonly keepAlive?: boolean;
}

export interface PostOptions {
  readonly path?: string;
  readonly body?: Buffer | string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** Talks to a webhook server as kube-apiserver does: verified TLS, and a `timeout` in every URL. */
export class WebhookClient {
  readonly #options: ClientOptions;
  readonly #agent: Agent;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: options.keepAlive === true, maxSockets: 8, maxCachedSessions: 0 });
  }

  post({ path = '/validate', body = '', method = 'POST', headers = { 'content-type': 'application/json' } }: PostOptions): Promise<Reply> {
    const options: RequestOptions = {
      host: '127.0.0.1',
      port: this.#options.port,
      ca: this.#options.ca,
      agent: this.#agent,
      method,
      path: `${path}?timeout=5s`,
      headers: 'transfer-encoding' in headers ? headers : { 'content-length': Buffer.byteLength(body), ...headers },
    };
    return new Promise((resolve, reject) => {
      request(options, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }), reject);
      })
        .on('error', reject)
        .end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
