/** A cluster that the scenarios run against. */
export interface Cluster {
  /** A kubeconfig of its administrator. */
  readonly kubeconfig: string;
  /** The kubectl to drive it with: a path, or a name in the PATH. */
  readonly kubectl: string;
  /** Ends the API server as `kill -9` does; what is stored stays. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  close(): Promise<void>;
}
