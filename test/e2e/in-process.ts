import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resourcesOf } from '../support/fake-api-server/definitions.ts';
import { DEFAULT_RESOURCES } from '../support/fake-api-server/resource.ts';
import { startFakeApiServer } from '../support/fake-api-server/server.ts';
import { TOKEN } from '../support/fake-api-server.ts';
import type { Cluster } from './cluster.ts';
import { definitionsOfRun } from './definitions.ts';
import { scratchDirectory } from './product.ts';

/** The API server of the other tests in this process, with the webhooks that are registered there called as the real one calls them. */
export async function startInProcess(): Promise<Cluster> {
  const scratch = scratchDirectory();
  const kubeconfig = join(scratch.path, 'kubeconfig');
  const defined = resourcesOf(definitionsOfRun().definitions);
  const isDefined = (group: string, plural: string): boolean => defined.some((each) => each.group === group && each.plural === plural);
  const server = await startFakeApiServer({
    resources: [...DEFAULT_RESOURCES.filter(({ group, plural }) => !isDefined(group, plural)), ...defined],
  });
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lab',
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      clusters: [{ name: 'lab', cluster: { server: server.url, 'certificate-authority-data': Buffer.from(server.ca).toString('base64') } }],
      users: [{ name: 'lab', user: { token: TOKEN } }],
    }),
  );
  return {
    kubeconfig,
    kubectl: 'kubectl',
    stopServer: () => server.stop(),
    startServer: () => server.start(),
    close: async () => {
      await server.stop();
      scratch.remove();
    },
  };
}
