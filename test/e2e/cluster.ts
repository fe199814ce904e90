/** A cluster that the scenarios run against. */
export interface Cluster {
  /** What it is, for the names of tests. */
  readonly description: string;
  /** A kubeconfig of its administrator. */
  readonly kubeconfig: string;
  /** True where the API server drops fields that the CustomResourceDefinitions do not know. */
  readonly prunes: boolean;
  /** Ends the API server as `kill -9` does; what is stored stays. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  close(): Promise<void>;
}
