import { expect, test } from 'vitest';
import { valueAt } from '../../src/core/path.ts';
import { sendTo } from '../support/controller.ts';
import { startPatient } from '../support/doctor.ts';
import { goodVmi, vmiWithoutHugepages } from '../support/vmi.ts';

const PATH = '/apis/kubevirt.io/v1/namespaces/nfv/virtualmachineinstances';

test('what webhooks deny is not kept, and its causes are passed on', async () => {
  const { server } = await startPatient();
  const { status, body } = await sendTo(server)('POST', PATH, vmiWithoutHugepages());
  expect(status).toBe(422);
  expect(body).toMatchObject({
    kind: 'Status',
    reason: 'Invalid',
    message: expect.stringMatching(
      /^admission webhook "strict\.validate\.vhostguard\.dev" denied the request: VHG101 spec\.domain\.memory: /,
    ),
    details: { causes: [expect.objectContaining({ message: expect.stringMatching(/^VHG101: /) })] },
  });
  expect(server.list('VirtualMachineInstance')).toEqual([]);
});

test('what webhooks repair is kept as repaired; a dry run keeps nothing', async () => {
  const { server } = await startPatient();
  const send = sendTo(server);
  const vmi = goodVmi({ nodeSelector: undefined });
  expect((await send('POST', `${PATH}?dryRun=All`, vmi)).status).toBe(201);
  expect(server.list('VirtualMachineInstance')).toEqual([]);
  expect((await send('POST', PATH, vmi)).status).toBe(201);
  const [kept] = server.list('VirtualMachineInstance');
  expect(valueAt(kept, ['spec', 'nodeSelector'])).toEqual({ 'network.operator.openshift.io/external-openvswitch': '' });
});

test('an update of labels passes although the object was wrong before, one of its spec does not', async () => {
  const { server } = await startPatient();
  const kept = server.put(vmiWithoutHugepages());
  const send = sendTo(server);
  const labelled = { ...kept, metadata: { ...kept.metadata, labels: { a: 'b' } } };
  expect((await send('PUT', `${PATH}/vm`, labelled)).status).toBe(200);
  const now = server.list('VirtualMachineInstance')[0];
  const spec = vmiWithoutHugepages()['spec'] as { readonly networks: unknown };
  const renamed = { ...now, spec: { ...spec, domain: { ...(goodVmi()['spec'] as { domain: object }) }.domain, evictionStrategy: 'None' } };
  expect((await send('PUT', `${PATH}/vm`, renamed)).status).toBe(200);
  const broken = { ...server.list('VirtualMachineInstance')[0], spec: { ...spec, evictionStrategy: 'None' } };
  expect((await send('PUT', `${PATH}/vm`, broken)).status).toBe(422);
});

test('while webhooks are down only what says vhost-user itself is refused', async () => {
  const { server, webhook } = await startPatient();
  await webhook.stop();
  const send = sendTo(server);
  const { status, body } = await send('POST', PATH, goodVmi());
  expect(status).toBe(500);
  expect(valueAt(body, ['message'])).toMatch(
    /^Internal error occurred: failed calling webhook "strict\.validate\.vhostguard\.dev": failed to call webhook: Post /,
  );
  const devices = { interfaces: [{ name: 'dpdk', bridge: {} }] };
  const multus = goodVmi({ domain: { devices } }, { name: 'multus' });
  expect((await send('POST', PATH, multus)).status).toBe(201);
  const plain = goodVmi({ domain: { devices: {} }, networks: [] }, { name: 'plain' });
  expect((await send('POST', PATH, plain)).status).toBe(201);
});

test('namespaces that are excluded are not asked about', async () => {
  const { server } = await startPatient();
  const vmi = vmiWithoutHugepages({ namespace: 'kube-system' });
  expect((await sendTo(server)('POST', PATH.replace('nfv', 'kube-system'), vmi)).status).toBe(201);
});
