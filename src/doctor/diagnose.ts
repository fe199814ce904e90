import { AppError } from '../core/errors.ts';
import { checkKinds, checkVersion } from './api-server.ts';
import { checkCanaries } from './canaries.ts';
import type { Check, CheckGroup, CheckResult } from './check.ts';
import { checkConfigurations } from './configurations.ts';
import type { DoctorOptions } from './examination.ts';
import { examine } from './examine.ts';
import { checkNeighbours } from './neighbours.ts';
import { checkServing } from './serving.ts';
import { checkTrust } from './trust.ts';
import { checkWorkloads } from './workloads.ts';

/** All that was found, in the order it was looked for. */
export interface Diagnosis {
  readonly results: readonly CheckResult[];
  /** False when the API server gave no answer, so that the rest was not looked at. */
  readonly isFinished: boolean;
}

/** Looks at everything that must be right for the product to work. Writes nothing. @param tell gets each result as soon as it is there */
export async function diagnose(options: DoctorOptions, tell: (result: CheckResult) => void): Promise<Diagnosis> {
  const results: CheckResult[] = [];
  let group: CheckGroup = 'API server';
  const add = (...checks: readonly Check[]): void => {
    for (const check of checks) {
      const result = { group, ...check };
      results.push(result);
      tell(result);
    }
  };
  try {
    add(await checkVersion(options.send));
    const examination = await examine(options);
    add(...(await checkKinds(options.send, examination.inForce)));
    group = 'webhook configurations';
    add(...checkConfigurations(examination), await checkNeighbours(examination));
    group = 'certificates';
    const trust = checkTrust(examination.registered, options.now);
    add(trust.check, ...(await checkServing(examination, trust.bundles)));
    group = 'workloads';
    add(...(await checkWorkloads(examination)));
    group = 'canaries';
    for await (const check of checkCanaries(examination)) add(check);
    return { results, isFinished: true };
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'CLUSTER_UNREACHABLE') throw thrown;
    add({ title: 'answers', state: 'fail', detail: thrown.message, ...(thrown.hint !== undefined && { hint: thrown.hint }) });
    return { results, isFinished: false };
  }
}
