import ts from 'typescript';

/** What a pure room must be handed instead: the world around the process, the clock and chance. */
const GLOBALS = new Set(
  'console process globalThis global performance fetch eval Function setTimeout setInterval setImmediate queueMicrotask crypto require'.split(
    ' ',
  ),
);

/** Uses of ambient state in a source text, as written, in order. Names of members and of types do not count. */
export function findAmbientUses(source: string): string[] {
  const uses: string[] = [];
  const visit = (node: ts.Node): void => {
    const use = ambientUse(node);
    if (use !== undefined) uses.push(use);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023, true));
  return uses;
}

function ambientUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ['Date.now', 'Math.random'].includes(node.getText())) return node.getText();
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  return ts.isIdentifier(node) && GLOBALS.has(node.text) && isVariable(node) ? node.text : undefined;
}

function isVariable(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return false;
  return !('name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent));
}
