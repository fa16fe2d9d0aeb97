import type { FromItem, FromJoin } from './ast.ts';
import { convertExpression } from './convert-expression.ts';
import { convertFunctionCall } from './convert-function-call.ts';
import { convertAlias, convertRelationName } from './convert-relation.ts';
import { convertSelect } from './convert-select.ts';
import { TreeNode } from './tree-node.ts';

/** An item of FROM: a table, a subquery, a function or a join of two items. */
export function convertFromItem(node: TreeNode): FromItem {
  switch (node.kind) {
    case 'RangeVar':
      return convertTable(node);
    case 'RangeSubselect':
      return convertSubquery(node);
    case 'RangeFunction':
      return convertTableFunction(node);
    case 'JoinExpr':
      return convertJoin(node);
    default:
      throw node.refusal();
  }
}

function convertTable(node: TreeNode): FromItem {
  const relation = convertRelationName(node);
  const alias = convertAlias(node.part('alias', 'Alias'));
  node.skip('relpersistence');
  node.finish();
  return { kind: 'table', relation, alias, position: node.position };
}

function convertSubquery(node: TreeNode): FromItem {
  node.refuse('lateral');
  const query = convertSelect(node.required('subquery'));
  const alias = convertAlias(node.part('alias', 'Alias'));
  node.finish();
  return { kind: 'subquery', query, alias, position: query.position };
}

/** `f(…)`: the tree has a list of (call, column definitions), one pair unless ROWS FROM was written. */
function convertTableFunction(node: TreeNode): FromItem {
  for (const field of ['lateral', 'ordinality', 'is_rowsfrom', 'coldeflist']) node.refuse(field);
  const [pair] = node.nodes('functions');
  const [call, columnDefinitions] = pair.list('items').map((item) => TreeNode.unwrap(item, node.context));
  if (columnDefinitions !== undefined && columnDefinitions.kind !== '') {
    throw columnDefinitions.refusal('a column definition list');
  }
  if (call.kind !== 'FuncCall') throw call.refusal('this expression in FROM');
  const converted = convertFunctionCall(call);
  const alias = convertAlias(node.part('alias', 'Alias'));
  node.finish();
  return { kind: 'function', call: converted, alias, position: converted.position };
}

const JOIN_TYPES: Readonly<Record<string, 'inner' | 'left'>> = { JOIN_INNER: 'inner', JOIN_LEFT: 'left' };

function convertJoin(node: TreeNode): FromJoin {
  const outer = node.choice('jointype', JOIN_TYPES);
  node.refuse('alias');
  node.refuse('join_using_alias');
  const left = convertFromItem(node.required('larg'));
  const right = convertFromItem(node.required('rarg'));
  const condition = node.node('quals');
  const on = condition === undefined ? undefined : convertExpression(condition);
  const columns = node.names('usingClause');
  const using = columns.length === 0 ? undefined : columns;
  const isNatural = node.flag('isNatural');
  node.finish();
  const isCross = outer === 'inner' && on === undefined && using === undefined && !isNatural;
  return {
    kind: 'join',
    type: isCross ? 'cross' : outer,
    left,
    right,
    on,
    using,
    isNatural,
    position: left.position,
  };
}
