import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A registry with what every program here tells of itself: the process, and its version. */
export function createRegistry(version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({ name: 'vhostguard_build_info', help: 'Always 1; the version is in the label', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  return registry;
}
