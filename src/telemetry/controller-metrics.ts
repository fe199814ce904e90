import { Gauge, type Registry } from 'prom-client';
import { createRegistry } from './registry.ts';

/** The metrics of a controller, in a registry of their own. Labels are bounded: never a namespace, a name or a user. */
export interface ControllerMetrics {
  /** For the metrics of what else the controller does. */
  readonly registry: Registry;
  /** @param notAfterSeconds seconds since 1970. */
  certificate(certificate: 'ca' | 'leaf', notAfterSeconds: number): void;
  /** Whether both webhook configurations are as they must be, and whether certificates are good. */
  upkeep(isWell: boolean): void;
  /** In Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createControllerMetrics(version: string): ControllerMetrics {
  const registry = createRegistry(version);
  const registers = [registry];
  const notAfter = new Gauge({
    name: 'vhostguard_webhook_certificate_not_after_timestamp_seconds',
    help: 'When the serving certificate and its CA end',
    labelNames: ['certificate'],
    registers,
  });
  const upkeep = new Gauge({
    name: 'vhostguard_webhook_registered',
    help: '1 when certificates and both webhook configurations were as they must be at the last look, else 0',
    registers,
  });
  return {
    registry,
    certificate: (certificate, notAfterSeconds) => notAfter.set({ certificate }, notAfterSeconds),
    upkeep: (isWell) => upkeep.set(isWell ? 1 : 0),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
