import { describeError } from '../core/errors.ts';
import type { Evaluation } from '../engine/evaluate.ts';
import type { Finding, RuleId } from '../engine/finding.ts';
import { HOST_ANNOTATION_VERSION } from '../kube/host-fault.ts';

/** What a Node is to say of its host. The same host gives the same text, so that nothing is written while nothing changes. */
export interface HostVerdict {
  /** `Unknown` when the host could not be looked at. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word, such as `RequireRunningOvs`. */
  readonly reason: string;
  /** For people; at most 1024 characters. */
  readonly message: string;
  /** JSON: which rules fail for the host, fail for single ports, warn, and could not be judged, by id; at most 4096 characters. */
  readonly annotation: string;
}

/** Without an answer to this rule nothing is known of OVS, and a host of which only the rest is well is not ready. */
const LIVENESS: RuleId = 'VHG510';

/** What is wrong with the port of one VM, which may be about to start or gone: all others can run there even so. */
const OF_ONE_PORT: ReadonlySet<RuleId> = new Set(['VHG520', 'VHG521', 'VHG522', 'VHG523', 'VHG526']);

/** Messages of findings that a condition shows. */
const MOST_MESSAGES = 3;

const LONGEST_MESSAGE = 1024;

/** What the rules say of a host, in the words of a node condition: an error makes it not ready, a warning or one port does not. */
export function verdictOf({ findings, passed }: Pick<Evaluation, 'findings' | 'passed'>): HostVerdict {
  const standing = findings.filter(isStanding);
  const errors = standing.filter(({ severity, rule }) => severity === 'error' && !OF_ONE_PORT.has(rule));
  const crashes = findings.filter(({ status }) => status === 'error');
  const unknown = findings.filter(({ isUnknown }) => isUnknown);
  const ids = {
    failed: idsOf(errors),
    ports: idsOf(standing.filter(({ rule }) => OF_ONE_PORT.has(rule))),
    warned: idsOf(standing.filter(({ severity, rule }) => severity !== 'error' && !OF_ONE_PORT.has(rule))),
    unknown: idsOf([...unknown, ...crashes]),
  };
  const annotation = JSON.stringify({ version: HOST_ANNOTATION_VERSION, ...ids });
  const obstacles = [...crashes, ...unknown.filter(({ rule }) => rule === LIVENESS)];
  const [first] = errors;
  if (first !== undefined) return { status: 'False', reason: wordOf(first.name), message: describe(errors), annotation };
  if (obstacles.length > 0) return { status: 'Unknown', reason: 'HostUnreadable', message: describe(obstacles), annotation };
  const rest = [nameRules('single ports fail', ids.ports), nameRules('warnings of', ids.warned), nameRules('not known', ids.unknown)].join(
    '',
  );
  return { status: 'True', reason: 'HostReady', message: `${passed.length} rules find nothing${rest}`, annotation };
}

/** A finding that no exemption covers. One whose enforcement is `dryrun` is skipped, but that is about refusing objects, not about hosts. */
function isStanding({ status, isUnknown, exemptedBy }: Finding): boolean {
  return status === 'fail' || status === 'warn' || (status === 'skip' && !isUnknown && exemptedBy === undefined);
}

/** The verdict when the rules could not even be asked. */
export function unjudged(thrown: unknown): HostVerdict {
  const annotation = JSON.stringify({ version: HOST_ANNOTATION_VERSION, failed: [], ports: [], warned: [], unknown: [] });
  return { status: 'Unknown', reason: 'HostCheckFailed', message: shorten(describeError(thrown)), annotation };
}

function idsOf(findings: readonly Finding[]): RuleId[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

function nameRules(what: string, rules: readonly RuleId[]): string {
  return rules.length === 0 ? '' : `; ${what} ${rules.join(', ')}`;
}

/** `require-running-ovs` as the reason of a condition, which is also the one of Events. */
function wordOf(name: string): string {
  return name.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase());
}

function describe(findings: readonly Finding[]): string {
  const shown = findings.slice(0, MOST_MESSAGES).map(({ rule, message }) => `${rule} ${message}`);
  const more = findings.length > MOST_MESSAGES ? `; and ${findings.length - MOST_MESSAGES} more` : '';
  return `${shorten(shown.join('; '), more.length)}${more}`;
}

function shorten(text: string, taken = 0): string {
  const most = LONGEST_MESSAGE - taken;
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
