import { expect, onTestFinished, test } from 'vitest';
import { createHandlers, type Handler } from '../../src/admission/handlers.ts';
import { createPair, LOCAL_HOSTS } from '../../src/certificates/self-signed.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { RULES } from '../../src/rules/index.ts';
import { startPatient, visit } from '../support/doctor.ts';
import { TODAY } from '../support/fixture.ts';
import { temporaryFile } from '../support/kubeconfig.ts';
import { startTestServer } from '../support/webhook-server.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DENIED = 'a VMI without hugepages is denied';
const REPAIRED = 'a VMI without a node is repaired';
const PLAIN = 'a plain VM passes untouched';

test('all is well: nothing fails or warns, and nothing is written', async () => {
  const { server, url } = await startPatient();
  const { exitCode, inState, check, checks } = await visit(server);
  expect([inState('fail'), inState('warn'), exitCode]).toEqual([[], [], 0]);
  expect(check('answers').detail).toBe('version v1.36.0');
  expect(check('policy reports').detail).toBe('written as reports.openreports.io v1alpha1');
  expect(check('ValidatingWebhookConfiguration').detail).toBe(`2 webhooks at ${url}`);
  expect(check('caBundle').detail).toMatch(/^CN=vhostguard development CA [0-9a-f]{8} has 36[45] days left$/);
  expect(check('certificate served').detail).toMatch(/^trusted; CN=vhostguard has 36[45] days left$/);
  expect(check(DENIED).detail).toMatch(/^denied for VHG101(, VHG\d{3})*$/);
  expect(check(REPAIRED).detail).toBe('got the nodeSelector network.operator.openshift.io/external-openvswitch');
  expect(check(PLAIN).state).toBe('ok');
  expect(check('replicas').state).toBe('skip');
  expect([...new Set(checks.map(({ group }) => group))]).toEqual([
    'API server',
    'webhook configurations',
    'certificates',
    'workloads',
    'canaries',
  ]);
  const writes = server.requests.filter(({ method }) => method !== 'GET');
  expect(writes.map(({ method, plural, query }) => [method, plural, query.get('dryRun')])).toEqual([
    ['POST', 'virtualmachineinstances', 'All'],
    ['POST', 'virtualmachineinstances', 'All'],
    ['POST', 'virtualmachines', 'All'],
  ]);
  expect([...server.list('VirtualMachine'), ...server.list('VirtualMachineInstance')]).toEqual([]);
});

test('the text has a line and a mark for each check, by group, and a hint where something fails', async () => {
  const { server } = await startPatient();
  server.remove({ kind: 'MutatingWebhookConfiguration', name: 'vhostguard' });
  const { exitCode, stdout } = await visit(server, []);
  expect(stdout).toMatch(/^API server\n√ answers: version v1\.36\.0\n/);
  expect(stdout).toContain(
    '× MutatingWebhookConfiguration: there is no vhostguard: nothing is checked\n    hint: start the controller: it registers both\n',
  );
  expect(stdout).toMatch(/\n\ncanaries\n√ a VMI without hugepages is denied: denied for /);
  expect(stdout).toMatch(/× a VMI without a node is repaired: it was not repaired, and denied for VHG110\n/);
  expect(stdout).toMatch(/\n\n\d+ checks, 2 failed, 0 warned, \d skipped\n$/);
  expect(exitCode).toBe(1);
});

test('without any webhook configuration every object passes unseen', async () => {
  const { server } = await startPatient();
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) server.remove({ kind, name: 'vhostguard' });
  const { exitCode, check } = await visit(server);
  expect(check(DENIED)).toMatchObject({ state: 'fail', detail: 'it was let through' });
  expect(check(REPAIRED)).toMatchObject({ state: 'fail', detail: 'it came back as it was' });
  expect(check(PLAIN).state).toBe('ok');
  expect(check('caBundle').state).toBe('skip');
  expect(exitCode).toBe(1);
});

test('what somebody changed in a configuration is named', async () => {
  const { server, register } = await startPatient();
  register({ failurePolicy: 'Ignore', timeoutSeconds: 30 });
  const { exitCode, check } = await visit(server);
  expect(check('ValidatingWebhookConfiguration')).toMatchObject({
    state: 'fail',
    detail:
      'not as the controller makes it: failurePolicy of strict.validate.vhostguard.dev, timeoutSeconds of strict.validate.vhostguard.dev, timeoutSeconds of lenient.validate.vhostguard.dev',
  });
  expect(exitCode).toBe(1);
});

test('what a configuration decides is a fault only where the configuration is known', async () => {
  const { server, register } = await startPatient();
  register({}, { settings: { ...DEFAULT_SETTINGS, bindings: ['dpdk', 'vhostuser'] } });
  const unknown = await visit(server);
  expect(unknown.check('configuration').state).toBe('skip');
  expect(unknown.check('ValidatingWebhookConfiguration')).toMatchObject({ state: 'warn', hint: expect.stringContaining('--config') });
  const head = 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n';
  const right = await visit(server, ['-o', 'json', '--config', temporaryFile('right.yaml', `${head}bindings: [dpdk, vhostuser]\n`)]);
  expect(right.check('ValidatingWebhookConfiguration').state).toBe('ok');
  const other = await visit(server, ['-o', 'json', '--config', temporaryFile('other.yaml', `${head}bindings: [vhostuser]\n`)]);
  expect(other.check('ValidatingWebhookConfiguration').state).toBe('fail');
});

test('a configuration of that name that somebody else made is told apart', async () => {
  const { server } = await startPatient();
  server.put({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'vhostguard' },
    webhooks: [],
  });
  const { check } = await visit(server);
  expect(check('ValidatingWebhookConfiguration')).toMatchObject({ state: 'fail', detail: 'vhostguard is not ours: somebody else made it' });
});

test('webhooks that are down are seen by the handshake and by the canaries, and plain VMs pass', async () => {
  const { server, webhook } = await startPatient();
  await webhook.stop();
  const { exitCode, check } = await visit(server);
  expect(check('certificate served')).toMatchObject({ state: 'fail', detail: 'cannot connect: the connection is refused' });
  expect(check(DENIED)).toMatchObject({
    state: 'fail',
    detail: expect.stringMatching(/^the API server cannot call the webhook strict\.validate\.vhostguard\.dev: .*ECONNREFUSED/),
  });
  expect(check(PLAIN).state).toBe('ok');
  expect(exitCode).toBe(1);
});

test('a caBundle of another authority is told, and the API server does not trust it either', async () => {
  const { server, register } = await startPatient();
  register({}, { caBundle: (await createPair(LOCAL_HOSTS, Date.now())).ca });
  const { check } = await visit(server);
  expect(check('caBundle').state).toBe('ok');
  expect(check('certificate served')).toMatchObject({
    state: 'fail',
    detail: expect.stringMatching(/^not trusted: the caBundle has not its authority; CN=vhostguard has /),
  });
  expect(check(DENIED)).toMatchObject({ state: 'fail', detail: expect.stringContaining('cannot call the webhook') });
});

test('a caBundle that is no certificate is told', async () => {
  const { server, register } = await startPatient();
  register({}, { caBundle: 'nonsense' });
  const { check } = await visit(server);
  expect(check('caBundle')).toMatchObject({ state: 'fail', detail: expect.stringMatching(/^no certificate in PEM in that of mutate\./) });
  expect(check('certificate served').state).toBe('skip');
});

test('certificates that expired are told', async () => {
  const { server, webhook, register } = await startPatient();
  const expired = await createPair(LOCAL_HOSTS, Date.now() - 400 * DAY_MS);
  webhook.server.setSecureContext({ cert: expired.cert, key: expired.key });
  register({}, { caBundle: expired.ca });
  const { exitCode, check } = await visit(server);
  expect(check('caBundle')).toMatchObject({ state: 'fail', detail: expect.stringMatching(/expired at .* GMT$/) });
  expect(check('certificate served')).toMatchObject({ state: 'fail', detail: expect.stringContaining('it has expired') });
  expect(exitCode).toBe(1);
});

test.for([
  [360, 'warn'],
  [300, 'ok'],
] as const)('after %i days of 365 the certificates are %s', async ([days, state]) => {
  const { server } = await startPatient();
  const { check } = await visit(server, ['-o', 'json'], new Date(Date.now() + days * DAY_MS));
  expect([check('caBundle').state, check('certificate served').state]).toEqual([state, state]);
});

test('a URL that is not the registered one is drift', async () => {
  const { server } = await startPatient();
  const { check } = await visit(server, ['-o', 'json', '--webhook-url', 'https://127.0.0.1:1']);
  expect(check('MutatingWebhookConfiguration').detail).toBe('not as the controller makes it: clientConfig of mutate.vhostguard.dev');
  expect(check('certificate served at https://127.0.0.1:1').detail).toBe('cannot connect: the connection is refused');
});

test('the canary that is to be repaired passes where its network and its binding are known not to exist', async () => {
  const inventory = new MemoryInventory({ isComplete: true, description: 'the cluster', defaultNamespace: 'default' });
  const engine = createEngine({ rules: RULES, inventory, settings: DEFAULT_SETTINGS, today: TODAY });
  const { server } = await startPatient({ handlers: createHandlers(() => engine) });
  const { inState, check } = await visit(server);
  expect(inState('fail')).toEqual([]);
  expect(check(REPAIRED).state).toBe('ok');
});

test('the repair is not seen where annotations exempt from nothing', async () => {
  const inventory = new MemoryInventory({ isComplete: true, description: 'the cluster', defaultNamespace: 'default' });
  const settings = { ...DEFAULT_SETTINGS, allowAnnotations: false };
  const engine = createEngine({ rules: RULES, inventory, settings, today: TODAY });
  const { server } = await startPatient({ handlers: createHandlers(() => engine) });
  const { check, exitCode } = await visit(server);
  expect(check(REPAIRED)).toMatchObject({ state: 'warn', detail: expect.stringMatching(/^denied for VHG120/) });
  expect(exitCode).toBe(0);
});

/** A webhook of somebody else that denies every VM. */
async function startDenier(): Promise<{ readonly configuration: (failurePolicy: string) => object; readonly stop: () => Promise<void> }> {
  const denier = await startTestServer({
    handlers: {
      mutate: ({ uid }) => ({ response: { uid, allowed: true }, denied: [], warned: [], repaired: [] }),
      validate: ({ uid }) => ({
        response: { uid, allowed: false, status: { status: 'Failure', message: 'not on a Sunday', reason: 'Forbidden', code: 403 } },
        denied: [],
        warned: [],
        repaired: [],
      }),
    },
  });
  onTestFinished(denier.stop);
  const configuration = (failurePolicy: string) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'another' },
    webhooks: [
      {
        name: 'sunday.example.com',
        clientConfig: { url: `https://127.0.0.1:${denier.port}/validate`, caBundle: Buffer.from(denier.ca).toString('base64') },
        rules: [{ operations: ['*'], apiGroups: ['kubevirt.io'], apiVersions: ['*'], resources: ['*'] }],
        sideEffects: 'None',
        failurePolicy,
      },
    ],
  });
  return { configuration, stop: denier.stop };
}

test('a canary that another webhook denies, or that waits for one which is down, says whose it is', async () => {
  const { server } = await startPatient();
  const { configuration, stop } = await startDenier();
  server.put({ ...configuration('Fail') });
  const denied = await visit(server);
  expect(denied.check('other webhooks').detail).toBe('sunday.example.com (Fail)');
  expect(denied.check(PLAIN)).toMatchObject({
    state: 'warn',
    detail: 'denied by the webhook sunday.example.com of somebody else: not on a Sunday',
  });
  expect(denied.exitCode).toBe(0);
  await stop();
  const down = await visit(server);
  expect(down.check(PLAIN)).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining('the API server cannot call the webhook sunday.example.com'),
  });
});

test.for([
  ['fills in what was not said', '/spec/template/spec/architecture', 'amd64', 'ok'],
  ['says something else', '/spec/runStrategy', 'Always', 'warn'],
  ['ties it to nodes', '/spec/template/spec/nodeSelector', { a: 'b' }, 'warn'],
] as const)('a plain VM for which another webhook %s', async ([, path, value, state]) => {
  const { server } = await startPatient();
  const patch = Buffer.from(JSON.stringify([{ op: 'add', path, value }])).toString('base64');
  const handle: Handler = ({ uid }) => ({
    response: { uid, allowed: true, patchType: 'JSONPatch', patch },
    denied: [],
    warned: [],
    repaired: [],
  });
  const changer = await startTestServer({ handlers: { mutate: handle, validate: handle } });
  onTestFinished(changer.stop);
  server.put({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'another' },
    webhooks: [
      {
        name: 'changes.example.com',
        clientConfig: { url: `https://127.0.0.1:${changer.port}/mutate`, caBundle: Buffer.from(changer.ca).toString('base64') },
        rules: [{ operations: ['CREATE'], apiGroups: ['kubevirt.io'], apiVersions: ['v1'], resources: ['virtualmachines'] }],
        sideEffects: 'None',
      },
    ],
  });
  expect((await visit(server)).check(PLAIN).state).toBe(state);
});
