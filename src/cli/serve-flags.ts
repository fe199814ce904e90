import type { LogLevel } from '../telemetry/log-level.ts';

/** The flags of `vhostguard serve`, as text where they are text on the command line. */
export interface ServeOptions {
  /** `HOST:PORT` of the webhooks. */
  readonly listen: string;
  /** `HOST:PORT` of probes and metrics. */
  readonly healthListen: string;
  readonly certsDir: string;
  /** Names of a certificate that is made here, besides localhost and the host of `listen`. */
  readonly hosts: readonly string[];
  /** How long to serve on after SIGTERM, in seconds. */
  readonly drain: string;
  readonly logLevel: LogLevel;
}

/** What `vhostguard serve` does unless it is told otherwise. */
export const SERVE_DEFAULTS: ServeOptions = {
  listen: '127.0.0.1:9443',
  healthListen: '127.0.0.1:9080',
  certsDir: 'certs',
  hosts: [],
  drain: '5',
  logLevel: 'info',
};
