import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertLocking } from './convert-locking.ts';
import { convertQuery, type QueryConversion } from './convert-query.ts';
import { convertFrame } from './convert-select.ts';
import type { Query, SetOperationStatement } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

const OPERATIONS: Readonly<Record<string, SetOperationStatement['operation']>> = {
  SETOP_UNION: 'union',
  SETOP_INTERSECT: 'intersect',
  SETOP_EXCEPT: 'except',
};

const INTO_REFUSAL = 'INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT';

/**
 * UNION, INTERSECT and EXCEPT; the sides stand in the tree without their kind. Statements made by programs are long chains
 * that lean left, so their left edge is walked in a loop.
 */
export function convertSetOperation(node: TreeNode, takeInto: QueryConversion['takeInto']): SetOperationStatement {
  const spine = [node];
  let leftmost = node.requiredPart('larg', 'SelectStmt');
  while (leftmost.has('larg') && !NOT_PLAIN.some((field) => leftmost.has(field))) {
    spine.push(leftmost);
    leftmost = leftmost.requiredPart('larg', 'SelectStmt');
  }
  refuseLocking(leftmost);
  let left: Query = convertQuery(leftmost, { takeInto });
  for (const operation of spine.reverse()) left = convertOperation(operation, left);
  return left as SetOperationStatement;
}

/** What `convertQuery` looks at before it looks at the operation. */
const NOT_PLAIN = ['withClause', 'intoClause'];

function convertOperation(node: TreeNode, left: Query): SetOperationStatement {
  const operation = node.choice('op', OPERATIONS);
  const isAll = node.flag('all');
  const rightNode = node.requiredPart('rarg', 'SelectStmt');
  for (const part of [node, rightNode]) refuseLocking(part);
  const right = convertQuery(rightNode, { intoRefusal: INTO_REFUSAL });
  const frame = convertFrame(node);
  node.skip('larg');
  node.finish();
  return { kind: 'set-operation', operation, isAll, left, right, ...frame, position: left.position };
}

/** Neither the whole nor its sides have rows to lock. */
function refuseLocking(node: TreeNode): void {
  const [clause] = convertLocking(node).locking ?? [];
  if (clause === undefined) return;
  const words = `FOR ${clause.strength.toUpperCase()}`;
  throw new SqlError(SqlState.FeatureNotSupported, `${words} is not allowed with UNION/INTERSECT/EXCEPT`);
}
