import { X509Certificate } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Check } from './check.ts';
import type { Registered } from './examination.ts';
import { webhooksIn } from './examine.ts';

/** A `caBundle`, and the webhooks that have it. */
export interface Bundle {
  readonly certificates: readonly X509Certificate[];
  readonly webhooks: readonly string[];
}

/** What the API server trusts, and what there is to say of it. */
export interface Trust {
  readonly bundles: readonly Bundle[];
  readonly check: Check;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Renewal is a matter of a third of a certificate's life: with less than this left it has failed for long. */
export const SOON_DAYS = 7;

/** That each webhook has a `caBundle` of certificates that have not expired. @param now milliseconds since 1970 */
export function checkTrust({ mutating, validating }: Registered, now: number): Trust {
  const title = 'caBundle';
  const webhooks = [...webhooksIn(mutating), ...webhooksIn(validating)];
  if (webhooks.length === 0)
    return { bundles: [], check: { title, state: 'skip', detail: 'there is no webhook configuration to have one' } };
  const bundles = bundlesOf(webhooks);
  const empty = bundles.find(({ certificates }) => certificates.length === 0);
  const check: Check =
    empty === undefined
      ? { title, ...judgeAges(bundles, now) }
      : {
          title,
          state: 'fail',
          detail: `no certificate in PEM in that of ${empty.webhooks.join(', ')}`,
          hint: 'the controller puts it in, or cert-manager where it keeps the certificates: look at its log',
        };
  return { bundles, check };
}

function bundlesOf(webhooks: readonly JsonObject[]): Bundle[] {
  const names = new Map<string, string[]>();
  for (const webhook of webhooks) {
    const stored = valueAt(webhook, ['clientConfig', 'caBundle']);
    const text = typeof stored === 'string' ? Buffer.from(stored, 'base64').toString('utf8') : '';
    names.set(text, [...(names.get(text) ?? []), String(webhook['name'])]);
  }
  return [...names].map(([text, webhooks]) => ({ certificates: certificatesIn(text), webhooks }));
}

/** The certificates of a text in PEM, in their order; none when one of them is broken. */
export function certificatesIn(text: string): X509Certificate[] {
  try {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function judgeAges(bundles: readonly Bundle[], now: number): Omit<Check, 'title'> {
  const certificates = bundles.flatMap((bundle) => bundle.certificates);
  const distinct = [...new Map(certificates.map((certificate) => [certificate.fingerprint256, certificate])).values()];
  const detail = distinct.map((certificate) => describeAge(certificate, now)).join('; ');
  const hint = 'the controller renews it with a third of its life left: look if it runs, and at its log';
  const daysLeft = Math.min(...bundles.map((bundle) => Math.max(...bundle.certificates.map((each) => daysLeftOf(each, now)))));
  if (daysLeft <= 0) return { state: 'fail', detail, hint };
  if (daysLeft < SOON_DAYS) return { state: 'warn', detail, hint };
  return bundles.length === 1 ? { state: 'ok', detail } : { state: 'warn', detail: `not the same for all webhooks: ${detail}`, hint };
}

/** Days until a certificate expires, in fractions; negative after that. */
export function daysLeftOf({ validTo }: X509Certificate, now: number): number {
  return (Date.parse(validTo) - now) / DAY_MS;
}

/** Whose certificate, and how long it is still good. */
export function describeAge(certificate: X509Certificate, now: number): string {
  const subject = certificate.subject.replaceAll('\n', ', ');
  const days = daysLeftOf(certificate, now);
  return `${subject} ${days <= 0 ? `expired at ${certificate.validTo}` : `has ${Math.floor(days)} days left`}`;
}
