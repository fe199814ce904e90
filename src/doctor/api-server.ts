import type { Send } from '../cluster/writes.ts';
import { REPORT_APIS } from '../controller/report-wanted.ts';
import { AppError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import type { Check } from './check.ts';
import type { SettingsInForce } from './examination.ts';
import { badCredentials, messageOf } from './reading.ts';

/** That there is an API server, and which. @throws AppError CLUSTER_UNREACHABLE when there is none for this user */
export async function checkVersion(send: Send): Promise<Check> {
  const answer = await send('GET', '/version');
  const version = isObject(answer.body) ? answer.body['gitVersion'] : undefined;
  if (answer.status === 200 && typeof version === 'string') return { title: 'answers', state: 'ok', detail: `version ${version}` };
  if (answer.status === 401 || answer.status === 403) throw badCredentials(answer.status);
  const said = messageOf(answer);
  throw new AppError('CLUSTER_UNREACHABLE', `the API server answers /version with ${answer.status}${said === '' ? '' : `: ${said}`}`, {
    hint: 'check that the kubeconfig names a Kubernetes API server, and try again when it is well',
  });
}

/** True where the API server serves this version of a group. @throws AppError CLUSTER_UNREACHABLE */
export async function isServed(send: Send, group: string, version: string): Promise<boolean> {
  return (await send('GET', `/apis/${group}/${version}`)).status === 200;
}

/** The kinds that the product is about, and those that it writes. @throws AppError CLUSTER_UNREACHABLE */
export async function checkKinds(send: Send, { settings, isKnown }: SettingsInForce): Promise<Check[]> {
  const kubeVirt = await isServed(send, 'kubevirt.io', 'v1');
  const networks = await isServed(send, 'k8s.cni.cncf.io', 'v1');
  const chosen = REPORT_APIS[settings.reports.api].resource;
  const name = `${chosen.plural}.${chosen.group} ${chosen.version}`;
  return [
    kubeVirt
      ? { title: 'KubeVirt is installed', state: 'ok' }
      : {
          title: 'KubeVirt is installed',
          state: 'warn',
          detail: 'kubevirt.io/v1 is not served',
          hint: 'without it there are no VMs to check',
        },
    networks
      ? { title: 'Multus networks are installed', state: 'ok' }
      : {
          title: 'Multus networks are installed',
          state: 'warn',
          detail: 'k8s.cni.cncf.io/v1 is not served',
          hint: 'without NetworkAttachmentDefinitions no VM has a vhost-user NIC',
        },
    (await isServed(send, chosen.group, chosen.version))
      ? { title: 'policy reports', state: 'ok', detail: `written as ${name}` }
      : {
          title: 'policy reports',
          state: 'warn',
          detail: `none are written: ${name} is not installed`,
          hint: await otherApiHint(send, chosen.group, isKnown),
        },
  ];
}

async function otherApiHint(send: Send, chosen: string, isKnown: boolean): Promise<string> {
  for (const [api, { resource }] of Object.entries(REPORT_APIS))
    if (resource.group !== chosen && (await isServed(send, resource.group, resource.version)))
      return `${resource.group} is installed: set reports.api to ${api} in the configuration${isKnown ? '' : ', if that is not done'}`;
  return `install the CustomResourceDefinitions of ${chosen}, or go by the log and the metrics of the controller`;
}
