import { Environment } from '@marcbachmann/cel-js';
import type { MatchCondition } from '../../src/controller/match-conditions.ts';

/** What matchConditions see of a request. */
export interface CelRequest {
  readonly operation: string;
  readonly userInfo: { readonly username: string };
  readonly object: unknown;
  readonly oldObject?: unknown;
}

const environment = new Environment({ unlistedVariablesAreDyn: true });

/** True when all conditions hold, as the API server asks them. The expressions are read by a CEL of its own. @throws where one fails. */
export function createMatcher(conditions: readonly MatchCondition[]): (request: CelRequest) => boolean {
  const programs = conditions.map(({ expression }) => environment.parse(expression.replace(PATTERN, withoutFlags)));
  return (request) =>
    programs.every((program) => program({ request, object: request.object, oldObject: request.oldObject ?? null }) === true);
}

/** The patterns of `matches`, which are Go's: JavaScript has no flags inside a pattern. */
const PATTERN = /(?<=\.matches\(r')[^']*(?='\))/g;

function withoutFlags(pattern: string): string {
  const eitherCase = (text: string): string => text.replace(/(?<!\\)[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  if (pattern.startsWith('(?i)')) return eitherCase(pattern.slice('(?i)'.length));
  return pattern.replace(/\(\?i:([^)]*)\)/g, (_, part: string) => eitherCase(part));
}
