import { type Answer, isMissingVerb, remarkOf } from '../cluster/api-server.ts';
import { quote } from '../core/json.ts';

/** What was asked of the API server. */
export interface Asked {
  readonly verb: string;
  readonly plural: string;
  /** Empty for the core group. */
  readonly group: string;
}

/** One line on an answer that is a refusal: the permission that is missing, else what the API server says. */
export function describeRefusal(answer: Answer, { verb, plural, group }: Asked): string {
  const where = group === '' ? 'the core API group' : `the API group ${quote(group)}`;
  if (isMissingVerb(answer)) return `the controller's role lacks the verb ${quote(verb)} on the resource ${quote(plural)} in ${where}`;
  return `the API server answers ${verb} of ${plural} with ${answer.status}${remarkOf(answer.body)}`;
}
