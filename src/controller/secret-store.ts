import type { Answer } from '../cluster/api-server.ts';
import type { Send } from '../cluster/writes.ts';
import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { CertificateStore } from './certificate-store.ts';
import { describeRefusal } from './refusal.ts';
import { OWNERSHIP } from './webhook-configurations.ts';

/** The Secret that webhook replicas mount, and the one of the authority, which only the controller may read. */
export const SECRETS = { serving: 'vhostguard-webhook-tls', authority: 'vhostguard-webhook-ca' } as const;

/** Certificates in two Secrets of type kubernetes.io/tls. A write goes through only over what was read last. */
export function createSecretStore(send: Send, namespace: string): CertificateStore {
  const seen = new Map<string, JsonObject | undefined>();
  const pathOf = (name?: string): string => `/api/v1/namespaces/${namespace}/secrets${name === undefined ? '' : `/${name}`}`;
  const read = async (name: string): Promise<Readonly<Record<string, string | undefined>> | undefined> => {
    const answer = await send('GET', pathOf(name));
    if (answer.status !== 200 && answer.status !== 404) throw refused(answer, 'get');
    const secret = answer.status === 200 && isObject(answer.body) ? answer.body : undefined;
    seen.set(name, secret);
    return secret && decoded(secret['data']);
  };
  const write = async (name: string, data: Readonly<Record<string, string>>): Promise<boolean> => {
    const current = seen.get(name);
    const secret = { ...(current ?? newSecret(namespace, name)), data: encoded(data) };
    const answer = await (current === undefined ? send('POST', pathOf(), secret) : send('PUT', pathOf(name), secret));
    if (answer.status === 409 || answer.status === 404) return false;
    if (answer.status !== 200 && answer.status !== 201) throw refused(answer, current === undefined ? 'create' : 'update');
    return true;
  };
  return {
    place: `the Secret ${namespace}/${SECRETS.serving}`,
    read: async () => {
      const [authority, serving] = [await read(SECRETS.authority), await read(SECRETS.serving)];
      return {
        authority: { cert: authority?.['tls.crt'], key: authority?.['tls.key'] },
        serving: { ca: serving?.['ca.crt'], cert: serving?.['tls.crt'], key: serving?.['tls.key'] },
      };
    },
    writeAuthority: ({ cert, key }) => write(SECRETS.authority, { 'tls.crt': cert, 'tls.key': key }),
    writeServing: ({ ca, cert, key }) => write(SECRETS.serving, { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key }),
  };
}

function newSecret(namespace: string, name: string): JsonObject {
  const labels = { 'app.kubernetes.io/name': 'vhostguard', [OWNERSHIP.label]: OWNERSHIP.value };
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name, namespace, labels } };
}

/** An empty value is as none: a Secret of type kubernetes.io/tls must have its keys. */
function decoded(data: unknown): Readonly<Record<string, string | undefined>> {
  if (!isObject(data)) return {};
  const entries = Object.entries(data).filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')]));
}

function encoded(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function refused(answer: Answer, verb: string): AppError {
  return new AppError('CLUSTER_UNREACHABLE', describeRefusal(answer, { verb, plural: 'secrets', group: '' }), {
    hint: 'the Role of the controller in its own namespace must allow get, create and update of secrets',
  });
}
