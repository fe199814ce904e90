import { expect, test } from 'vitest';
import { toFieldPath, valueAt } from '../../src/core/path.ts';

test.for([
  [['spec', 'networks', 0, 'name'], 'spec.networks[0].name'],
  [['metadata', 'annotations', 'k8s.v1.cni.cncf.io/networks'], 'metadata.annotations["k8s.v1.cni.cncf.io/networks"]'],
  [[], ''],
  [['a"b'], '["a\\"b"]'],
] as const)('shows %j as Kubernetes does', ([path, text]) => {
  expect(toFieldPath(path)).toBe(text);
});

test('reads own properties only', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1);
  expect(valueAt({}, ['constructor', 'name'])).toBeUndefined();
  expect(valueAt('text', ['length'])).toBeUndefined();
});
