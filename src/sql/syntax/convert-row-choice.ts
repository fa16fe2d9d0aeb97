import { convertExpression } from './convert-expression.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** Which rows UPDATE or DELETE is about: WHERE condition, or WHERE CURRENT OF cursor. */
export function convertRowChoice(statement: TreeNode): {
  readonly where: SyntaxExpression | undefined;
  readonly cursor: string | undefined;
} {
  const where = statement.node('whereClause');
  if (where?.kind !== 'CurrentOfExpr') {
    return { where: where === undefined ? undefined : convertExpression(where), cursor: undefined };
  }
  const cursor = where.text('cursor_name') ?? '';
  where.skip('cvarno', 'cursor_param');
  where.finish();
  return { where: undefined, cursor };
}
