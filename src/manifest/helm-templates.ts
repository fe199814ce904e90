/** What one template renders to, of the output of `helm template`. */
export interface RenderedTemplate {
  /** As Helm names it, such as `chart/templates/vm.yaml`; absent for what has no such name. */
  readonly source?: string;
  readonly text: string;
}

const SOURCE_COMMENT = /^(?:---[^\n]*\n)?# Source: (\S[^\n]*)/;

/**
 * Takes the output of `helm template` apart by the `# Source:` comments at the heads of its documents. A template's text is what
 * `helm template --show-only` prints of it, so that lines count there. What has no such comment stays where it stands in a text of its own.
 */
export function splitTemplates(text: string): RenderedTemplate[] {
  if (!text.includes('# Source: ')) return [{ text }];
  const templates = new Map<string, string[]>();
  let others = '';
  for (const document of text.split(/^(?=---\s)/m)) {
    const source = SOURCE_COMMENT.exec(document)?.[1]?.trimEnd();
    others += source === undefined ? document : document.replace(/[^\n]+/g, '');
    if (source === undefined) continue;
    const shown = document.startsWith('---') ? document : `---\n${document}`;
    templates.set(source, [...(templates.get(source) ?? []), `${shown.trimEnd()}\n`]);
  }
  const rendered = Array.from(templates, ([source, documents]) => ({ source, text: documents.join('') }));
  return others.trim() === '' ? rendered : [...rendered, { text: others }];
}
