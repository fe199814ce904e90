import type { Answer } from '../cluster/api-server.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import { describeRefusal, messageOf, type Place } from './reading.ts';

/** What became of a canary. `denied` and `uncalled` name the webhook; `rules` are those of its causes. */
export type Fate =
  | { readonly fate: 'allowed'; readonly object: JsonObject }
  | {
      readonly fate: 'denied';
      readonly webhook: string;
      readonly isOurs: boolean;
      readonly rules: readonly string[];
      readonly message: string;
    }
  | { readonly fate: 'uncalled'; readonly webhook: string; readonly isOurs: boolean; readonly message: string }
  | { readonly fate: 'refused'; readonly why: string };

/**
 * Reads the answer to a create. The API server has no other sign of a webhook than the words of its message.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go
 */
export function fateOf(answer: Answer, place: Place): Fate {
  const { status, body } = answer;
  if ((status === 200 || status === 201) && isObject(body)) return { fate: 'allowed', object: body };
  const text = messageOf(answer);
  const [, denier, message = ''] = /admission webhook "([^"]+)" denied the request:? ?([\s\S]*)/.exec(text) ?? [];
  if (denier !== undefined) return { fate: 'denied', webhook: denier, isOurs: isOurs(denier), rules: rulesIn(body), message };
  const [, uncalled, fault = ''] = /failed calling webhook "([^"]+)":? ?([\s\S]*)/.exec(text) ?? [];
  if (uncalled !== undefined) return { fate: 'uncalled', webhook: uncalled, isOurs: isOurs(uncalled), message: fault };
  return { fate: 'refused', why: describeRefusal(answer, 'create', place) };
}

function isOurs(webhook: string): boolean {
  return webhook.endsWith('.vhostguard.dev');
}

function rulesIn(body: unknown): string[] {
  const causes = valueAt(body, ['details', 'causes']);
  const messages = Array.isArray(causes) ? causes.map((cause) => valueAt(cause, ['message'])) : [];
  const rules = messages.flatMap((message) => (typeof message === 'string' ? (/^VHG\d{3}/.exec(message) ?? []) : []));
  return [...new Set(rules)];
}
