import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

// The yardstick: the least that a webhook in Node can do. It reads the body, parses it, and allows everything.
const [certsDir = 'certs'] = process.argv.slice(2);

const server = createServer(
  {
    cert: readFileSync(join(certsDir, 'tls.crt')),
    key: readFileSync(join(certsDir, 'tls.key')),
    ALPNProtocols: ['http/1.1'],
    keepAliveTimeout: 120_000,
  },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { request: { uid: string } };
      const { uid } = review.request;
      const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  },
);

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`https://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
});
