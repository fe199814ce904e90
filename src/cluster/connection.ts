import { type Access, type KubeconfigOptions, openKubeconfig } from './kubeconfig.ts';

/** The way to an API server, for as long as a program runs. */
export interface Connection {
  /** With the credentials of this moment. @throws AppError CLUSTER_UNREACHABLE */
  readonly access: () => Promise<Access>;
  /** To call when the API server fails or refuses: the kubeconfig is read anew before the next access. */
  readonly renew: () => void;
}

/** @throws AppError CLUSTER_UNREACHABLE when the kubeconfig cannot be read, or used, at the start */
export function createConnection(options: KubeconfigOptions): Connection {
  let open: (() => Promise<Access>) | undefined = openKubeconfig(options);
  let underWay: Promise<Access> | undefined;
  const access = async (): Promise<Access> => {
    open ??= openKubeconfig(options);
    return open();
  };
  return {
    // Whoever asks at the same moment shares the answer: a credential plugin is a process.
    access: () => {
      underWay ??= access().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    renew: () => {
      open = undefined;
    },
  };
}
