import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertAssignments } from './convert-assignment.ts';
import { byteOrderCollation } from './convert-collation.ts';
import { convertExpression } from './convert-expression.ts';
import type { ConflictClause, ConflictElement, ConflictTarget } from './data-modification-ast.ts';
import type { TreeNode } from './tree-node.ts';

const ACTIONS: Readonly<Record<string, 'nothing' | 'update'>> = {
  ONCONFLICT_NOTHING: 'nothing',
  ONCONFLICT_UPDATE: 'update',
};

/** ON CONFLICT. Throws 42601 for DO UPDATE that does not say of which key. */
export function convertConflict(node: TreeNode): ConflictClause {
  const action = node.choice('action', ACTIONS);
  const inference = node.part('infer', 'InferClause');
  const target = inference === undefined ? undefined : convertTarget(inference);
  if (action === 'update' && target === undefined) {
    throw new SqlError(
      SqlState.SyntaxError,
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
      { position: node.position, hint: 'For example, ON CONFLICT (column_name).' },
    );
  }
  const where = node.node('whereClause');
  const clause: ConflictClause = {
    assignments: convertAssignments(node.nodes('targetList')),
    where: where === undefined ? undefined : convertExpression(where),
    target,
    position: node.position,
  };
  node.finish();
  return clause;
}

function convertTarget(node: TreeNode): ConflictTarget {
  const { position } = node;
  const where = node.node('whereClause');
  const target: ConflictTarget = {
    constraint: node.text('conname'),
    elements: node.nodes('indexElems').map((element) => convertElement(element, position)),
    where: where === undefined ? undefined : convertExpression(where),
    position,
  };
  node.finish();
  return target;
}

/** A column, named without a place of its own, or an expression. */
function convertElement(node: TreeNode, position: number): ConflictElement {
  refuseOrder(node, position);
  const name = node.text('name');
  const expression = node.node('expr');
  const collation = node.names('collation');
  const element: ConflictElement = {
    expression:
      expression === undefined
        ? { kind: 'column', qualifier: [], name: name ?? '', position }
        : convertExpression(expression),
    collation: collation.length === 0 ? undefined : byteOrderCollation(collation, position),
    operatorClass: node.names('opclass'),
  };
  node.skip('ordering', 'nulls_ordering');
  node.finish();
  return element;
}

function refuseOrder(node: TreeNode, position: number): void {
  const isOrdered = node.has('ordering') && !node.is('ordering', 'SORTBY_DEFAULT');
  const placesNulls = node.has('nulls_ordering') && !node.is('nulls_ordering', 'SORTBY_NULLS_DEFAULT');
  if (!isOrdered && !placesNulls) return;
  throw new SqlError(
    SqlState.InvalidColumnReference,
    `${isOrdered ? 'ASC/DESC' : 'NULLS FIRST/LAST'} is not allowed in ON CONFLICT clause`,
    { position },
  );
}
