import { X509Certificate } from 'node:crypto';
import { notAfterSeconds, readPair } from '../certificates/pair.ts';
import { AppError } from '../core/errors.ts';
import type { ControllerMetrics } from '../telemetry/controller-metrics.ts';
import type { Logger } from '../telemetry/logger.ts';
import { isForeign, planCertificates } from './certificate-plan.ts';
import type { CertificateStore, StoredCertificates } from './certificate-store.ts';

export interface CertificateKeeperOptions {
  readonly store: CertificateStore;
  /** Names that the serving certificate must have. */
  readonly hosts: readonly string[];
  readonly logger: Logger;
  readonly metrics: Pick<ControllerMetrics, 'certificate'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Times that a store is read again because another controller wrote it in between. */
const MOST_CONFLICTS = 10;

/** Keeps certificates good: makes, renews and replaces them in a store. */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  #bundle = '';
  #isForeignKnown = false;

  constructor(options: CertificateKeeperOptions) {
    this.#options = options;
  }

  /**
   * Looks at the store and writes what is missing.
   * @returns the certificates to trust, in PEM. @throws AppError when the store cannot be read or written.
   */
  async ensure(): Promise<string> {
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
      const stored = await this.#options.store.read();
      const bundle = isForeign(stored) ? this.#useForeign(stored) : await this.#keep(stored);
      if (bundle === undefined) continue;
      this.#bundle = bundle;
      return bundle;
    }
    throw new AppError('CERTIFICATE_UNREADABLE', `${this.#options.store.place} is written by others all the time`, {
      hint: 'run one controller',
    });
  }

  async #keep(stored: StoredCertificates): Promise<string | undefined> {
    const { store, hosts, now, logger } = this.#options;
    const plan = await planCertificates(stored, { hosts, now: now(), remembered: this.#bundle });
    if (plan.newAuthority !== undefined && !(await store.writeAuthority(plan.newAuthority))) return undefined;
    if (plan.isServingNew && !(await store.writeServing(plan.serving))) return undefined;
    for (const note of plan.notes) logger.info(`${store.place}: ${note}`);
    this.#record(plan.serving.cert, plan.serving.ca);
    return plan.serving.ca;
  }

  #useForeign({ serving }: StoredCertificates): string {
    const { place } = this.#options.store;
    const { leaf, ca } = readPair({
      cert: serving?.cert ?? '',
      key: serving?.key ?? '',
      ...(serving?.ca !== undefined && { ca: serving.ca }),
    });
    if (ca === undefined)
      throw new AppError('CERTIFICATE_UNREADABLE', `${place} has a certificate of ${leaf.issuer}, but no ca.crt to trust it by`, {
        hint: 'add ca.crt, or remove tls.crt and tls.key to have all made',
      });
    if (!this.#isForeignKnown)
      this.#options.logger.info(`${place}: uses the certificate of another issuer, which nobody here renews: ${leaf.issuer}`);
    this.#isForeignKnown = true;
    this.#record(serving?.cert ?? '', ca);
    return ca;
  }

  #record(cert: string, ca: string): void {
    const { metrics } = this.#options;
    metrics.certificate('leaf', notAfterSeconds(new X509Certificate(cert)));
    metrics.certificate('ca', notAfterSeconds(new X509Certificate(ca)));
  }
}
