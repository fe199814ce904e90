import { expect, test } from 'vitest';
import { findAssets } from './assets.ts';
import { startControlPlane } from './control-plane.ts';
import { definitionsOfRun } from './definitions.ts';
import { hasKubectl } from './kubectl.ts';
import { describeProduct } from './scenarios.ts';

const assets = findAssets();
const obstacle =
  assets === undefined ? 'no etcd and kube-apiserver: set KUBEBUILDER_ASSETS' : hasKubectl(assets.kubectl) ? undefined : 'no kubectl';

if (assets === undefined || obstacle !== undefined) {
  process.stderr.write(`\nSKIPPED: the product against a real API server: ${obstacle}\n\n`);
  test.skip(`the product against a real API server: ${obstacle}`, () => undefined);
} else {
  test('the assets are there', () => expect(obstacle).toBeUndefined());
  describeProduct('the product, against a real API server', () => startControlPlane(assets, definitionsOfRun()));
}
