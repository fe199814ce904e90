import { test } from 'vitest';
import { startInProcess } from './in-process.ts';
import { hasKubectl } from './kubectl.ts';
import { describeProduct } from './scenarios.ts';

if (hasKubectl()) describeProduct('the product, driven by kubectl', startInProcess);
else test.skip('the product, driven by kubectl: there is no kubectl', () => undefined);
