import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { RunningServer } from './server.ts';

/** What came back for one request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';

/**
 * One keep-alive TLS connection that sends prepared requests, one at a time. It knows as little HTTP as the two servers need, so
 * that the load costs less than what it measures.
 */
export class Connection {
  readonly #socket: TLSSocket;
  #received: Buffer = Buffer.alloc(0);
  #onAnswer: ((answer: HttpAnswer) => void) | undefined;
  #onError: ((error: Error) => void) | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#onError?.(error));
    socket.on('close', () => this.#onError?.(new Error('the server closed the connection under a request')));
  }

  static async open({ port, ca }: Pick<RunningServer, 'port' | 'ca'>): Promise<Connection> {
    const socket = connect({ port, ca, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['http/1.1'] });
    await once(socket, 'secureConnect');
    return new Connection(socket);
  }

  /** Sends a request of `prepareRequest`. @throws Error when the connection ends before the answer. */
  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = resolve;
      this.#onError = reject;
      if (this.#socket.destroyed) reject(new Error('the server closed the connection between two requests'));
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#onError = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const bodyStart = headEnd + HEAD_END.length;
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
    if (!(this.#received.length >= bodyStart + length)) return;
    const body = this.#received.toString('utf8', bodyStart, bodyStart + length);
    this.#received = Buffer.alloc(0);
    this.#onError = undefined;
    this.#onAnswer?.({ status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)), body });
  }
}

/** The bytes of a POST as the API server sends it. */
export function prepareRequest(path: string, body: Buffer): Buffer {
  const head = [
    `POST ${path}?timeout=10s HTTP/1.1`,
    'Host: localhost',
    'User-Agent: kube-apiserver-admission',
    `Content-Length: ${body.length}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n') + HEAD_END), body]);
}
