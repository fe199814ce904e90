import { Agent, type RequestOptions } from 'node:https';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { AppError, describeError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import { readServiceAccount, serverOfPod } from './service-account.ts';

/** Which cluster, as whom, and how long to wait for it. */
export interface KubeconfigOptions {
  /** A kubeconfig file; otherwise `$KUBECONFIG`, `~/.kube/config`, or the service account of the pod this runs in. */
  readonly kubeconfig?: string | undefined;
  /** Another than the kubeconfig's current context. */
  readonly context?: string | undefined;
  /** Takes the service account of the pod this runs in, and nothing else. */
  readonly isInCluster?: boolean | undefined;
  /** Where the files of the service account lie as they do below `/`; that itself by default. */
  readonly serviceAccountRoot?: string | undefined;
  /** Longest wait for an answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** How an API server is reached, and with which credentials. */
export interface Access {
  readonly context: string;
  /** Without a slash at its end; may hold a path. */
  readonly server: string;
  /** Agent and authorization for each request. */
  readonly requestOptions: RequestOptions;
}

/**
 * Reads a kubeconfig and gets the user's credentials, from a credential plugin where it names one.
 *
 * @throws AppError CLUSTER_UNREACHABLE, without anything that the kubeconfig keeps secret
 */
export async function readKubeconfig(options: KubeconfigOptions): Promise<Access> {
  return openKubeconfig(options)();
}

/**
 * Reads a kubeconfig once. What is returned gives access with the credentials of its moment: a token file is read again, a
 * credential plugin asked again when what it gave expires.
 *
 * @throws AppError CLUSTER_UNREACHABLE, as does what is returned
 */
export function openKubeconfig(options: KubeconfigOptions): () => Promise<Access> {
  const { kubeconfig, context, isInCluster, serviceAccountRoot = '', timeoutMs } = options;
  if (isInCluster) return openServiceAccount(serviceAccountRoot);
  const where = kubeconfig === undefined ? 'the kubeconfig' : `the kubeconfig ${kubeconfig}`;
  const config = load(kubeconfig, where);
  if (context !== undefined) config.setCurrentContext(context);
  const server = serverOf(config, where);
  return async () => {
    const requestOptions: RequestOptions = { headers: { ...HEADERS } };
    try {
      const late = setTimeout(timeoutMs, undefined, { ref: false }).then(() => {
        throw new Error(`the credential plugin gives no answer within ${timeoutMs / 1000} s`);
      });
      await Promise.race([config.applyToHTTPSOptions(requestOptions), late]);
    } catch (thrown) {
      throw unusable(where, thrown);
    }
    return { context: config.getCurrentContext(), server, requestOptions };
  };
}

const HEADERS = { accept: 'application/json', 'user-agent': 'vhostguard' };

/** Does without the library, which takes 30 of the 150 MiB that a webhook replica may have. */
function openServiceAccount(root: string): () => Promise<Access> {
  const server = serverOfPod();
  return async () => {
    const { token, ca } = await readServiceAccount(root).catch((thrown: unknown) => {
      throw unusable('the service account of this pod', thrown);
    });
    const headers = { ...HEADERS, Authorization: `Bearer ${token}` };
    return { context: 'the cluster of this pod', server, requestOptions: { headers, ca, agent: new Agent({ ca }) } };
  };
}

function unusable(where: string, thrown: unknown): AppError {
  return new AppError('CLUSTER_UNREACHABLE', `${where} gives no usable credentials: ${describeCredentialFault(thrown)}`, {
    hint: 'try them with `kubectl get nodes`, or log in again',
  });
}

/** Loads the library when a kubeconfig is read: it takes half a second. An `import` would make this asynchronous. */
function newKubeConfig(): KubeConfig {
  const library = createRequire(import.meta.url)('@kubernetes/client-node') as typeof import('@kubernetes/client-node');
  return new library.KubeConfig();
}

function load(file: string | undefined, where: string): KubeConfig {
  const config = newKubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (thrown) {
    throw new AppError('CLUSTER_UNREACHABLE', `cannot read ${where}: ${describeLoadFault(thrown)}`, {
      hint: 'name a file that kubectl can use, with --kubeconfig or in $KUBECONFIG',
    });
  }
  return config;
}

/** What `loadFromDefault` makes up where it finds nothing. */
const NOTHING_FOUND = { context: 'loaded-context', server: 'http://localhost:8080' };

function serverOf(config: KubeConfig, where: string): string {
  const broken = (message: string, hint: string): AppError => new AppError('CLUSTER_UNREACHABLE', message, { hint });
  const name = config.getCurrentContext() as string | undefined;
  if (!name) throw broken(`${where} names no current-context`, 'choose one with `kubectl config use-context`');
  const context = config.getContextObject(name);
  if (context === null) {
    const names = config.getContexts().map((each) => quote(each.name));
    throw broken(`${where} has no context ${quote(name)}`, `its contexts are ${names.join(', ') || 'none'}`);
  }
  const server = config.getCurrentCluster()?.server;
  if (name === NOTHING_FOUND.context && server === NOTHING_FOUND.server)
    throw broken('there is no kubeconfig: neither $KUBECONFIG nor ~/.kube/config', 'name one with --kubeconfig');
  if (server === undefined || !URL.canParse(server) || !/^https?:/.test(server))
    throw broken(`${where} has no cluster ${quote(context.cluster)} with an https URL`, `context ${quote(name)} needs one`);
  // Without a user the library would leave out the cluster's CA too.
  if (config.getCurrentUser() === null) throw broken(`${where} has no user ${quote(context.user)}`, `context ${quote(name)} needs one`);
  return server;
}

/** A YAML error shows the lines around it, which may be a token: only its place and reason are told. */
function describeLoadFault(thrown: unknown): string {
  if (thrown instanceof TypeError) return 'it has not the form of one';
  if (!(thrown instanceof Error)) return describeError(thrown);
  if ('code' in thrown && thrown.code === 'ENOENT') return 'there is no such file';
  if (!('reason' in thrown && 'mark' in thrown)) return describeError(thrown);
  const { line } = Object(thrown.mark) as { readonly line?: number };
  return `${line === undefined ? '' : `line ${line + 1}: `}${String(thrown.reason)}`;
}

const SHOWN_LENGTH = 300;

/** A parser's error quotes its input, which is the credential: only what a plugin itself says is told. */
function describeCredentialFault(thrown: unknown): string {
  if (thrown instanceof SyntaxError || thrown instanceof TypeError) return 'what the credential plugin or provider answers cannot be read';
  return describeError(thrown).trim().slice(0, SHOWN_LENGTH) || 'the credential plugin failed';
}
