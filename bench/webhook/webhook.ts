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
    const warmUpAnswers = isQuick ? 300 : 60_000;
    yield await measureThroughput(servers, { rounds: isQuick ? 2 : 25, seconds: isQuick ? 0.3 : 0.5, warmUpAnswers });
    yield await measureLatency(servers, { rounds: isQuick ? 1 : 4, seconds: isQuick ? 1 : 10, warmUpAnswers });
    yield await measureStart(servers, isQuick ? 2 : 9);
    yield await measureMemory(servers, isQuick ? 1000 : 100_000);
  } finally {
    servers.close();
  }
}
