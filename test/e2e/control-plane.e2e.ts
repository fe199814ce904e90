import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findAssets } from './assets.ts';
import { startControlPlane } from './control-plane.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from './crds.ts';
import { hasKubectl } from './kubectl.ts';
import { scratchDirectory } from './product.ts';
import { describeProduct } from './scenarios.ts';

const REPORTS = fileURLToPath(new URL('../data/crds/', import.meta.url));

const assets = findAssets();
const obstacle = assets === undefined ? 'no etcd and kube-apiserver: set KUBEBUILDER_ASSETS' : hasKubectl() ? undefined : 'no kubectl';

if (assets === undefined || obstacle !== undefined) {
  process.stderr.write(`\nSKIPPED: the product against a real API server: ${obstacle}\n\n`);
  test.skip(`the product against a real API server: ${obstacle}`, () => undefined);
} else {
  test('the assets are there', () => expect(obstacle).toBeUndefined());
  describeProduct('the product, against a real API server', async () => {
    const { VHOSTGUARD_E2E_CRDS } = process.env;
    if (VHOSTGUARD_E2E_CRDS !== undefined && VHOSTGUARD_E2E_CRDS !== '') return startControlPlane(assets, [VHOSTGUARD_E2E_CRDS]);
    const scratch = scratchDirectory();
    const definitions = join(scratch.path, 'definitions.json');
    writeFileSync(definitions, JSON.stringify(CUSTOM_RESOURCE_DEFINITIONS));
    return startControlPlane(assets, [definitions, REPORTS]);
  });
}
