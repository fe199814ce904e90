import { parseArgs } from 'node:util';
import { benchCheck } from './check/check.ts';
import { benchCluster } from './cluster/cluster.ts';
import { benchEngine } from './engine/engine.ts';
import { benchHost } from './host/host.ts';
import { describeMachine } from './measure/machine.ts';
import { benchWebhook } from './webhook/webhook.ts';

const BENCHES = { webhook: benchWebhook, engine: benchEngine, check: benchCheck, host: benchHost, cluster: benchCluster };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false } } });
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: no bench ${JSON.stringify(unknown[0])}: npm run bench -- [webhook] [engine] [check] [host] [cluster] [--quick]\n`,
  );
  process.exit(2);
}

process.stdout.write(`${describeMachine()}\n`);
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  for await (const table of bench(values.quick)) process.stdout.write(`\n${table}`);
}
