import { expect, test } from 'vitest';
import { scopeOf } from '../../src/cli/controller-flags.ts';
import { SECRETS } from '../../src/controller/secret-store.ts';
import { deployed, describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { workloadsOf } from '../support/workloads.ts';

interface CertificateSpec {
  readonly secretName: string;
  readonly dnsNames: readonly string[];
  readonly issuerRef: { readonly name: string };
}

/** The value of a flag in a container's arguments. */
function argumentAfter(args: readonly string[], flag: string): string {
  return args[args.indexOf(flag) + 1] ?? '';
}

for (const overlay of OVERLAYS) {
  describeDeployed(`certificates with deploy/overlays/${overlay}`, () => {
    const objects = kustomized(`overlays/${overlay}`);
    const podSpecs = new Map(workloadsOf(objects).map(({ name, podSpec }) => [name, podSpec]));
    const controller = podSpecs.get('vhostguard-controller')?.containers[0]?.args ?? [];

    test('lie where the webhook looks for them', () => {
      const webhook = podSpecs.get('vhostguard-webhook');
      const [{ args = [], volumeMounts = [] } = {}] = webhook?.containers ?? [];
      const mount = volumeMounts.find(({ mountPath }) => mountPath === argumentAfter(args, '--certs-dir'));
      const volume = webhook?.volumes?.find(({ name }) => name === mount?.name);
      expect(volume?.secret?.secretName).toBe(SECRETS.serving);
    });

    test('are for the Service that there is', () => {
      expect(deployed(objects, 'Service', argumentAfter(controller, '--service')).metadata.namespace).toBe('vhostguard');
    });

    test('and the webhook configurations go with a ClusterRole that there is, without which they cannot be made anew', () => {
      const owner = argumentAfter(controller, '--owner-cluster-role');
      expect(deployed(objects, 'ClusterRoleBinding', owner)['roleRef']).toMatchObject({ kind: 'ClusterRole', name: owner });
      const { rules } = deployed(objects, 'ClusterRole', owner) as unknown as {
        readonly rules: readonly { apiGroups: string[]; verbs: string[] }[];
      };
      const verbs = rules.filter(({ apiGroups }) => apiGroups.includes('admissionregistration.k8s.io')).flatMap((rule) => rule.verbs);
      expect(verbs).toContain('create');
    });
  });
}

describeDeployed('the Certificate of deploy/overlays/cert-manager', () => {
  const objects = kustomized('overlays/cert-manager');

  test('is the one that the controller has injected, in the Secret that the webhook mounts, for the names that it is called by', () => {
    const args = workloadsOf(objects).find(({ name }) => name === 'vhostguard-controller')?.podSpec.containers[0]?.args ?? [];
    const [namespace, name = ''] = argumentAfter(args, '--inject-ca-from').split('/');
    const certificate = deployed(objects, 'Certificate', name);
    const { secretName, dnsNames, issuerRef } = certificate['spec'] as CertificateSpec;
    expect(certificate.metadata.namespace).toBe(namespace);
    expect(secretName).toBe(SECRETS.serving);
    const flags = {
      certsDir: '',
      healthListen: '',
      logLevel: 'info',
      namespace: 'vhostguard',
      service: argumentAfter(args, '--service'),
    } as const;
    expect(dnsNames).toEqual(expect.arrayContaining(scopeOf(flags).hosts.filter((host) => /\.svc/.test(host))));
    const issuer = deployed(objects, 'Issuer', issuerRef.name)['spec'] as { readonly ca: { readonly secretName: string } };
    const authority = deployed(objects, 'Certificate', 'vhostguard-ca')['spec'] as CertificateSpec & { readonly isCA: boolean };
    expect([authority.isCA, authority.secretName]).toEqual([true, issuer.ca.secretName]);
    expect(deployed(objects, 'Issuer', authority.issuerRef.name)['spec']).toEqual({ selfSigned: {} });
  });
});
