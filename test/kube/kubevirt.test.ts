import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { readKubeVirt } from '../../src/kube/kubevirt.ts';
import { engineOver } from '../support/fixture.ts';
import { goodVmi } from '../support/vmi.ts';

const PARITY = { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '' };

function kubeVirt(annotations: unknown, featureGates: unknown): JsonObject {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: 'kubevirt', annotations },
    spec: { configuration: { developerConfiguration: { featureGates } } },
  };
}

test.each([
  [PARITY, ['AlignCPUs'], true],
  [PARITY, ['Sidecar', 'AlignCPUs'], true],
  [PARITY, ['Sidecar'], false],
  [PARITY, undefined, false],
  [PARITY, 'AlignCPUs', false],
  [undefined, ['AlignCPUs'], false],
  [[], ['AlignCPUs'], false],
])('annotations %j and gates %j round CPUs up: %j', (annotations, gates, expected) => {
  expect(readKubeVirt(kubeVirt(annotations, gates)).completesToEvenCpus).toBe(expected);
});

test('nothing is said of an odd number of CPUs where KubeVirt rounds up', () => {
  const vmi = goodVmi();
  const { domain, ...spec } = vmi['spec'] as { readonly domain: JsonObject };
  const cpu = { ...(domain['cpu'] as JsonObject), isolateEmulatorThread: true };
  const isolated = { ...vmi, spec: { ...spec, domain: { ...domain, cpu } } };
  const isFound = (gates: readonly string[]): boolean =>
    engineOver([kubeVirt(PARITY, gates)], DEFAULT_SETTINGS)
      .evaluate(subjectOf(isolated, 'default'))
      .findings.some(({ rule }) => rule === 'VHG112');
  expect(isFound([])).toBe(true);
  expect(isFound(['AlignCPUs'])).toBe(false);
});
