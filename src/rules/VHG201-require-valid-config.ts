import jsonc from 'jsonc-parser';
import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';

/** What libcni 1.2, which the userspace CNI is built with, can decode. A config without a version is read as 0.1.0. */
const CNI_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];

/** @see https://github.com/containernetworking/cni/blob/main/pkg/utils/utils.go */
const NETWORK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export const requireValidConfig = defineRule({
  meta: {
    id: 'VHG201',
    name: 'require-valid-config',
    title: 'Require a CNI configuration that the CNI can read',
    why: `The API server stores \`spec.config\` as text and looks at nothing in it. Multus reads it when a pod starts: a comment, a
comma too many, a plugin without \`type\` or a \`cniVersion\` that the plugin was not built for then keeps every VM on the network in
\`Scheduling\`, with the reason in the pod's events only.`,
    remedy: `Make \`spec.config\` strict JSON: one mapping, no comments, no trailing commas, with a \`cniVersion\` from 0.1.0 to 1.1.0, and
a \`type\` in it or in each entry of \`plugins\`.`,
    severity: 'error',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/containernetworking/cni/blob/main/libcni/conf.go',
      'https://github.com/k8snetworkplumbingwg/network-attachment-definition-client/blob/master/pkg/utils/cniconfig.go',
    ],
    falsePositives: 'A CNI built with a newer libcni may know a cniVersion that this version of the rule does not.',
    example: {
      file: 'network-default.yaml',
      good: '      "cniVersion": "0.3.1",\n',
      bad: '      "cniVersion": "0.3",\n',
    },
  },
  *check({ config, configField: { path } }) {
    if (config.state === 'invalid') yield checkSyntax(path, config.text);
    if (config.state !== 'json') return;
    const { root } = config;
    yield* checkVersion(root);
    yield* checkName(root.getFold('name'));
    if (root.get('plugins').isSet) yield* checkPlugins(root.get('plugins'));
  },
});

function* checkVersion(config: Field): Iterable<Violation> {
  const field = config.getFold('cniVersion');
  const version = field.string() || undefined;
  if (version === undefined || CNI_VERSIONS.includes(version) || config.get('cniVersions').isSet) return;
  yield {
    path: field.path,
    message: `the userspace CNI knows no cniVersion ${quote(version)}: it must be one of ${CNI_VERSIONS.join(', ')}`,
  };
}

function* checkName(field: Field): Iterable<Violation> {
  const name = field.string() || undefined;
  if (name === undefined || NETWORK_NAME.test(name)) return;
  yield {
    path: field.path,
    message: `the network cannot be called ${quote(name)}: use letters, digits, "_", "." and "-" only, or leave it out`,
  };
}

function* checkPlugins(plugins: Field): Iterable<Violation> {
  for (const plugin of plugins.items()) {
    const type = plugin.getFold('type');
    const isMisshapen = plugin.isSet && (plugin.object() === undefined || (type.isSet && type.string() === undefined));
    if (!isMisshapen && !type.value) yield { path: type.path, message: 'a plugin must have a type, the name of its program' };
  }
}

/** The first mistake in a text that is no JSON mapping, with its line and column in that text, both counted from 1. */
function checkSyntax(path: Path, text: string): Violation {
  const mistakes: jsonc.ParseError[] = [];
  jsonc.parse(text, mistakes, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const [first] = mistakes;
  if (first === undefined) return { path, message: 'the config must be a JSON mapping, it holds another kind of value' };
  const before = text.slice(0, first.offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return {
    path,
    offset: first.offset,
    message: `the config must be JSON: ${spellOut(jsonc.printParseErrorCode(first.error))} at ${place} of it`,
  };
}

/** `CloseBraceExpected` as "close brace expected". */
function spellOut(code: string): string {
  return code.replace(/\B[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}
