import { convertTarget } from './convert-select.ts';
import type { Target } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** The RETURNING clause of a statement that writes; undefined when it has none. */
export function convertReturning(statement: TreeNode): readonly Target[] | undefined {
  const clause = statement.part('returningClause', 'ReturningClause');
  if (clause === undefined) return undefined;
  clause.refuse('options');
  const targets = clause.nodes('exprs').map(convertTarget);
  clause.finish();
  return targets;
}
