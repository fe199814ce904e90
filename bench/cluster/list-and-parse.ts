import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { text } from 'node:stream/consumers';
import { SCANNED } from '../../src/controller/scan-subjects.ts';

// The yardstick: the least that a scan in Node can do. It lists every object that is scanned, page by page, and parses it.
const [kubeconfig = ''] = process.argv.slice(2);

const { clusters } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }];
};
const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
const agent = new Agent({ keepAlive: true, ca: Buffer.from(ca, 'base64') });

for (const { group, version, plural } of SCANNED) {
  const root = group === '' ? 'api' : `apis/${group}`;
  for (let token: string | undefined = ''; token !== undefined; ) {
    const page = await read(`${server}/${root}/${version}/${plural}?limit=500&continue=${token}`);
    token = (JSON.parse(page) as { readonly metadata: { readonly continue?: string } }).metadata.continue;
  }
}
agent.destroy();

function read(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization: 'Bearer bench' } }, (response) => text(response).then(resolve, reject)).on('error', reject);
  });
}
