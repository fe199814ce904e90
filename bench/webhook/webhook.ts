import { pinSelf } from '../measure/pin.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { createServerFactory } from './server.ts';
import { measureStart } from './start.ts';
import { measureThroughput } from './throughput.ts';

/** The webhooks against a bare Node server, over keep-alive TLS. Yields a table at a time. */
export async function* benchWebhook(isQuick: boolean): AsyncGenerator<string> {
  pinSelf('bench');
  const servers = await createServerFactory();
  try {
    yield await measureThroughput(servers, isQuick ? 3 : 9, isQuick ? 0.3 : 3);
    yield await measureLatency(servers, isQuick ? 1 : 4, isQuick ? 1 : 10);
    yield await measureStart(servers, isQuick ? 2 : 9);
    yield await measureMemory(servers, isQuick ? 2000 : 100_000);
  } finally {
    servers.close();
  }
}
