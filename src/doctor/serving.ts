import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { readPair } from '../certificates/pair.ts';
import { SECRETS } from '../controller/secret-store.ts';
import { describeError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Check } from './check.ts';
import type { Examination } from './examination.ts';
import { shakeHands } from './handshake.ts';
import { readObject } from './reading.ts';
import { type Bundle, certificatesIn, daysLeftOf, describeAge, SOON_DAYS } from './trust.ts';

/** That what the webhooks serve with is trusted by the API server, and for how long. @throws AppError CLUSTER_UNREACHABLE */
export async function checkServing(examination: Examination, bundles: readonly Bundle[]): Promise<Check[]> {
  const { target } = examination;
  if (target.at === 'url') return checkServed(examination, target.url, bundles);
  return [await checkSecret(examination, target, bundles)];
}

/** Why a handshake is not trusted, by the names of OpenSSL and Node. */
const DISTRUST: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the caBundle has not its authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the caBundle has not its authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the caBundle has not its authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the caBundle has not its authority',
  CERT_SIGNATURE_FAILURE: 'the caBundle has another authority of the same name',
};

async function checkServed({ timeoutMs, now }: Examination, url: string, bundles: readonly Bundle[]): Promise<Check[]> {
  const title = `certificate served at ${url}`;
  const usable = bundles.filter(({ certificates }) => certificates.length > 0);
  const checks: Check[] = [];
  for (const { certificates, webhooks } of usable) {
    const shown = await shakeHands(url, certificates.map(String), timeoutMs);
    const who = usable.length === 1 ? '' : `for ${webhooks.join(', ')}: `;
    if (shown.state === 'failed')
      return [
        {
          title,
          state: 'fail',
          detail: `cannot connect: ${shown.fault}`,
          hint: 'look if `vhostguard serve` runs there, with the address that was registered',
        },
      ];
    if (shown.distrust === undefined) checks.push({ title, ...judgeAge(shown.leaf, now) });
    else
      checks.push({
        title,
        state: 'fail',
        detail: `${who}not trusted: ${DISTRUST[shown.distrust] ?? shown.distrust}; ${describeAge(shown.leaf, now)}`,
        hint: 'serve and controller must share one --certs-dir: look if both run with the same, and at the log of the controller',
      });
  }
  return checks.length > 0 ? checks : [{ title, state: 'skip', detail: 'there is no caBundle to go by' }];
}

interface Service {
  readonly namespace: string;
  readonly name: string;
}

async function checkSecret({ send, now }: Examination, { namespace, name }: Service, bundles: readonly Bundle[]): Promise<Check> {
  const title = `certificate in the Secret ${namespace}/${SECRETS.serving}`;
  const found = await readObject(send, { group: '', version: 'v1', plural: 'secrets', namespace, name: SECRETS.serving });
  if (found.state === 'refused')
    return {
      title,
      state: 'skip',
      detail: found.why,
      hint: 'a Service is reached inside the cluster alone, so that its Secret is looked at instead',
    };
  const hint = `the controller makes a new one when it is gone: kubectl -n ${namespace} delete secret ${SECRETS.serving}`;
  if (found.state === 'absent')
    return {
      title,
      state: 'fail',
      detail: 'there is none: new webhook replicas wait for it',
      hint: 'the controller makes it: look if it runs, and at its log',
    };
  const [cert, key] = [textOf(found.value, 'tls.crt'), textOf(found.value, 'tls.key')];
  try {
    const { leaf } = readPair({ cert, key });
    const fault = distrustOf([leaf, ...certificatesIn(cert).slice(1)], `${name}.${namespace}.svc`, bundles);
    if (fault !== undefined) return { title, state: 'fail', detail: `${fault}; ${describeAge(leaf, now)}`, hint };
    if (bundles.every(({ certificates }) => certificates.length === 0))
      return { title, state: 'skip', detail: `there is no caBundle to go by; ${describeAge(leaf, now)}` };
    return { title, ...judgeAge(leaf, now) };
  } catch (thrown) {
    return { title, state: 'fail', detail: describeError(thrown), hint };
  }
}

function textOf(secret: JsonObject, key: string): string {
  const value = valueAt(secret, ['data', key]);
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

/** Why the API server would not trust a chain, its leaf first; `undefined` when it would. */
function distrustOf(chain: readonly [X509Certificate, ...X509Certificate[]], host: string, bundles: readonly Bundle[]): string | undefined {
  const [leaf] = chain;
  if ((isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) === undefined) return `not trusted: it is not for ${host}`;
  const distrusting = bundles.find(({ certificates }) => certificates.length > 0 && !isTrusted(chain, certificates));
  if (distrusting === undefined) return undefined;
  return `not trusted: the caBundle of ${distrusting.webhooks.join(', ')} has not its authority`;
}

/** True when each certificate of the chain is signed by the next, up to one that is signed by a trusted one. */
function isTrusted([certificate, ...issuers]: readonly X509Certificate[], trusted: readonly X509Certificate[]): boolean {
  if (certificate === undefined) return false;
  const isSignedBy = (issuer: X509Certificate): boolean => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (trusted.some(isSignedBy)) return true;
  const [next] = issuers;
  return next !== undefined && isSignedBy(next) && isTrusted(issuers, trusted);
}

function judgeAge(leaf: X509Certificate, now: number): Omit<Check, 'title'> {
  const days = daysLeftOf(leaf, now);
  const detail = `trusted; ${describeAge(leaf, now)}`;
  const hint = 'it is renewed with a third of its life left: look at the log of the controller';
  if (days <= 0) return { state: 'fail', detail: describeAge(leaf, now), hint };
  return days < SOON_DAYS ? { state: 'warn', detail, hint } : { state: 'ok', detail };
}
