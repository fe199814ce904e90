import type { Authority } from '../certificates/issue.ts';

/** What a store holds, as it is: perhaps broken, perhaps not ours. */
export interface StoredCertificates {
  readonly authority?: { readonly cert?: string | undefined; readonly key?: string | undefined } | undefined;
  /** What webhooks serve with: `ca` is the trusted certificates, one after the other. */
  readonly serving?:
    | { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined }
    | undefined;
}

/** What webhooks serve with, whole. */
export interface ServingCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The one place that certificates are kept in: the truth, for every controller that shares it. */
export interface CertificateStore {
  /** For messages: a directory, or a Secret. */
  readonly place: string;
  /** @throws AppError */
  read(): Promise<StoredCertificates>;
  /** @returns false when somebody else wrote since the last `read`: then nothing was written. @throws AppError */
  writeAuthority(authority: Authority): Promise<boolean>;
  /** As `writeAuthority`. */
  writeServing(serving: ServingCertificate): Promise<boolean>;
}
