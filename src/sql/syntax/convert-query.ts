import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertExpression } from './convert-expression.ts';
import { convertSelect } from './convert-select.ts';
import { convertSetOperation } from './convert-set-operation.ts';
import { convertWith } from './convert-with.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Query } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** Converts one expression of a VALUES row; INSERT's own also takes DEFAULT. */
export type ConvertValue = (node: TreeNode) => SyntaxExpression;

export interface QueryConversion {
  readonly convertValue?: ConvertValue;
  /** Takes the INTO clause of the first SELECT; undefined: it is refused. */
  readonly takeInto?: ((clause: TreeNode) => void) | undefined;
  /** Says why INTO is not allowed. */
  readonly intoRefusal?: string;
}

/** SELECT, VALUES, TABLE or a set operation, at the top or in parentheses. Throws 42601 for INTO. */
export function convertQuery(node: TreeNode, options: QueryConversion = {}): Query {
  if (node.kind !== 'SelectStmt') throw node.refusal();
  const { convertValue = convertExpression, takeInto, intoRefusal = 'SELECT ... INTO is not allowed here' } = options;
  const into = node.part('intoClause', 'IntoClause');
  if (into !== undefined && takeInto === undefined) {
    throw new SqlError(SqlState.SyntaxError, intoRefusal, { position: into.firstPosition });
  }
  if (into !== undefined) takeInto?.(into);
  const clause = convertWith(node);
  const query = node.has('larg') ? convertSetOperation(node, takeInto) : convertSelect(node, convertValue);
  return { ...query, ...clause };
}
