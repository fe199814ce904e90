import { Counter, Gauge } from 'prom-client';
import { createRegistry } from './registry.ts';

const STATUSES = ['True', 'False', 'Unknown'] as const;

/** The metrics of a host agent, in a registry of their own. */
export interface HostMetrics {
  /** What the agent says of its host now. */
  verdict(status: (typeof STATUSES)[number]): void;
  write(result: 'written' | 'failed'): void;
  /** In Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createHostMetrics(version: string): HostMetrics {
  const registry = createRegistry(version);
  const registers = [registry];
  const condition = new Gauge({
    name: 'vhostguard_host_condition',
    help: '1 for the status of the condition VhostUserReady that the last look at the host gave, else 0',
    labelNames: ['status'],
    registers,
  });
  const writes = new Counter({
    name: 'vhostguard_host_writes_total',
    help: 'Writes of the condition and annotation of the Node',
    labelNames: ['result'],
    registers,
  });
  return {
    verdict: (status) => {
      for (const each of STATUSES) condition.set({ status: each }, each === status ? 1 : 0);
    },
    write: (result) => writes.inc({ result }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
