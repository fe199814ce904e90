import type { JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Check } from './check.ts';
import type { Examination } from './examination.ts';
import { type Place, readObjects } from './reading.ts';

/** That webhooks and controller run in the cluster, and that a drain leaves replicas. @throws AppError CLUSTER_UNREACHABLE */
export async function checkWorkloads({ send, target }: Examination): Promise<Check[]> {
  if (target.at === 'url')
    return [{ title: 'replicas', state: 'skip', detail: `the webhooks are at ${target.url}, outside of the cluster` }];
  const { namespace } = target;
  const deployments = { group: 'apps', version: 'v1', plural: 'deployments', namespace };
  const budgets = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', namespace };
  const look = async (
    title: string,
    place: Place,
    component: string,
    judge: (object: JsonObject) => Omit<Check, 'title'>,
  ): Promise<Check> => {
    const labelSelector = `app.kubernetes.io/name=vhostguard,app.kubernetes.io/component=${component}`;
    const found = await readObjects(send, { ...place, labelSelector });
    if (found.state === 'refused') return { title, state: 'skip', detail: found.why };
    const [object] = found.state === 'found' ? found.value : [];
    return { title, ...(object === undefined ? missing(place, component) : judge(object)) };
  };
  return [
    await look('webhook replicas', deployments, 'webhook', (object) =>
      judgeReplicas(object, 'vhost-user objects are refused until one is'),
    ),
    await look('controller replicas', deployments, 'controller', (object) =>
      judgeReplicas(object, 'nothing renews certificates or puts webhooks back'),
    ),
    await look('disruption budget', budgets, 'webhook', judgeBudget),
  ];
}

function missing({ plural, namespace }: Place, component: string): Omit<Check, 'title'> {
  const detail = `there are no ${plural} of vhostguard's ${component} in the namespace ${namespace}`;
  return plural === 'deployments'
    ? { state: 'fail', detail, hint: 'install it with kubectl apply -k deploy/overlays/default, or name its namespace with --namespace' }
    : { state: 'warn', detail, hint: 'without one a drain may stop all replicas at once: deploy/base has it' };
}

function judgeReplicas(deployment: JsonObject, consequence: string): Omit<Check, 'title'> {
  const name = String(valueAt(deployment, ['metadata', 'name']));
  const namespace = String(valueAt(deployment, ['metadata', 'namespace']));
  const wanted = numberAt(deployment, ['spec', 'replicas']) ?? 1;
  const available = numberAt(deployment, ['status', 'availableReplicas']) ?? 0;
  const detail = `${available} of ${wanted} available`;
  const hint = `kubectl -n ${namespace} get pods; kubectl -n ${namespace} logs deployment/${name} --all-pods`;
  if (wanted === 0)
    return { state: 'fail', detail: `scaled to 0: ${consequence}`, hint: `kubectl -n ${namespace} scale deployment ${name} --replicas=1` };
  if (available === 0) return { state: 'fail', detail: `${detail}: ${consequence}`, hint };
  return available < wanted ? { state: 'warn', detail, hint } : { state: 'ok', detail };
}

function judgeBudget(budget: JsonObject): Omit<Check, 'title'> {
  const allowed = numberAt(budget, ['status', 'disruptionsAllowed']) ?? 0;
  if (allowed > 0) return { state: 'ok', detail: `${allowed} may be stopped now` };
  return {
    state: 'warn',
    detail: 'no replica may be stopped now: a drain of its node waits',
    hint: 'let every webhook replica become ready',
  };
}

function numberAt(object: JsonObject, path: readonly string[]): number | undefined {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : undefined;
}
