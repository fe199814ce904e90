import type { Path } from './path.ts';

/**
 * One change that a fix makes, as data, so that the same fix becomes a JSON Patch, a text edit or a SARIF replacement.
 * A path may lead on into a string that holds JSON (a NetworkAttachmentDefinition's `spec.config`).
 *
 * - `set`     puts `value` at `path`, creating the mappings on the way.
 * - `append`  adds `value` to the end of the list at `path`, creating the list.
 * - `rename`  puts `key: value` in the place of the member at `path`.
 */
export type Edit =
  | { readonly op: 'set'; readonly path: Path; readonly value: unknown }
  | { readonly op: 'append'; readonly path: Path; readonly value: unknown }
  | {
      readonly op: 'rename';
      readonly path: Path;
      readonly key: string;
      readonly value: unknown;
    };
