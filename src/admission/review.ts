import type { JsonObject } from '../core/json.ts';

/** The only AdmissionReview version that is read and written. */
export const REVIEW_API_VERSION = 'admission.k8s.io/v1';

/** The two webhooks: `mutate` repairs, `validate` denies what is left. */
export type Webhook = 'mutate' | 'validate';

/** What the API server is about to do with the object. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/**
 * The part of an AdmissionReview's `request` that counts here, checked by `decode`.
 * @see https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/
 */
export interface AdmissionRequest {
  readonly uid: string;
  /** The version of the object as sent, which `matchPolicy: Equivalent` may have converted. */
  readonly kind: GroupVersionKind;
  readonly operation: AdmissionOperation;
  /** Empty for an object of the cluster. */
  readonly namespace: string;
  /** Empty where the API server will make it from `generateName`. */
  readonly name: string;
  /** Empty for the object itself; `status`, `scale`, ... otherwise. */
  readonly subResource: string;
  readonly username: string;
  readonly dryRun: boolean;
  /** Set on CREATE and UPDATE. */
  readonly object: JsonObject | undefined;
  /** Set on UPDATE and DELETE. */
  readonly oldObject: JsonObject | undefined;
}

/** Why a StatusCause complains: the reasons of Kubernetes' own field errors that fit. */
export type CauseReason = 'FieldValueRequired' | 'FieldValueInvalid';

/** One finding as kubectl prints it: `* field: message`. */
export interface StatusCause {
  readonly reason: CauseReason;
  readonly message: string;
  readonly field: string;
}

/** `metav1.Status` as far as it is used. */
export interface Status {
  readonly status: 'Failure';
  readonly message: string;
  /** One of Kubernetes' own reasons; `Invalid` makes kubectl print the causes. */
  readonly reason: string;
  readonly code: number;
  readonly details?: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes: readonly StatusCause[];
  };
}

/** The answer to one request. `patch` and `patchType` come both or not at all, and only from the mutating webhook. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Status;
  /** Base64 of an RFC 6902 document with at least one operation. */
  readonly patch?: string;
  readonly patchType?: 'JSONPatch';
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}
