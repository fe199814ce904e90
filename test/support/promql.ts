/** A metric in a PromQL expression, with the labels that the expression looks at. */
export interface MetricUse {
  readonly name: string;
  readonly labels: readonly string[];
}

const FUNCTIONS = new Set(['absent', 'histogram_quantile', 'increase', 'max', 'min', 'rate', 'sum', 'time']);

/** All metrics of an expression of the subset of PromQL that deploy/ uses. `by` counts for every metric of the expression. */
export function metricsUsed(expression: string): MetricUse[] {
  const grouping = /\bby \(([^)]*)\)/g;
  const grouped = [...expression.matchAll(grouping)].flatMap(([, list = '']) => list.split(/,\s*/));
  const rest = expression.replaceAll(grouping, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  return [...rest.matchAll(/\b([a-z]\w*)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', selector = '']) => {
    if (FUNCTIONS.has(name)) return [];
    return [{ name, labels: [...selector.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label).concat(grouped) }];
  });
}
