import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

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
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'vhostguard_build_info', help: 'Always 1; the version is in the label', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
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
