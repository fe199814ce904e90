import { pathToFileURL } from 'node:url';
import { MAIN } from '../measure/places.ts';

// `vhostguard serve --in-cluster`, as the deployment runs it, with the files of its service account in another place than a container
// has them. What the command line loads is loaded here too, for the memory it takes.
const [serviceAccountRoot = '', certsDir = ''] = process.argv.slice(2);

/** A module of the program under test. */
const load = <Module>(name: string): Promise<Module> => import(new URL(`cli/${name}.js`, pathToFileURL(MAIN)).href);

const { VERSION } = await load<typeof import('../../src/cli/version.ts')>('version');
const { createServeEngine } = await load<typeof import('../../src/cli/serve-engine.ts')>('serve-engine');
const { SERVE_DEFAULTS } = await load<typeof import('../../src/cli/serve-flags.ts')>('serve-flags');
const { serve } = await load<typeof import('../../src/cli/serve.ts')>('serve');
await load('program');

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => Promise.resolve(Buffer.alloc(0)),
  isTerminal: false,
  env: process.env,
  now: () => new Date(),
  onSignal: (listener: (signal: 'SIGTERM' | 'SIGINT') => void) => void process.on('SIGTERM', listener),
};
const anyPort = '127.0.0.1:0';
const served = await createServeEngine({ inventory: [], inCluster: true, serviceAccountRoot }, io);
const options = { ...SERVE_DEFAULTS, listen: anyPort, healthListen: anyPort, certsDir, drain: '0' };
await serve(options, io, { ...served, version: VERSION }).finally(served.stop);
