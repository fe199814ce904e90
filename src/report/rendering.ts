import type { Place } from './report.ts';

const PRINTED = {
  helm: 'what `helm template --show-only` prints of it',
  kustomize: 'what `kustomize build` prints',
} as const satisfies Record<NonNullable<Place['renderedBy']>, string>;

/** What the line of a rendered text counts in; `undefined` for a line of the file itself. */
export function describeRendering({ renderedBy, line }: Pick<Place, 'renderedBy' | 'line'>): string | undefined {
  return renderedBy === undefined ? undefined : `line ${line} of ${PRINTED[renderedBy]}`;
}
