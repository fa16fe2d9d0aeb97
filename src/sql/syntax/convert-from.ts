import { convertExpression } from './convert-expression.ts';
import { convertQuery } from './convert-query.ts';
import { convertAlias, convertRelationName } from './convert-relation.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { FromFunctionColumn, FromFunctionItem, FromItem, FromJoin } from './from-ast.ts';
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
  const isLateral = node.flag('lateral');
  const query = convertQuery(node.required('subquery'));
  const alias = convertAlias(node.part('alias', 'Alias'));
  node.finish();
  return { kind: 'subquery', query, alias, isLateral, position: query.position };
}

/**
 * `f(…)`, ROWS FROM (f(…), g(…)): a list of (call, column definitions). The definitions of a call outside ROWS FROM stand
 * at the node itself. LATERAL adds nothing for functions.
 */
function convertTableFunction(node: TreeNode): FromItem {
  node.skip('lateral');
  const hasOrdinality = node.flag('ordinality');
  const isRowsFrom = node.flag('is_rowsfrom');
  const items = node.nodes('functions').map(convertFunctionItem);
  const definitions = node.nodes('coldeflist').map(convertFunctionColumn);
  const alias = convertAlias(node.part('alias', 'Alias'));
  node.finish();
  const [first] = items;
  return {
    kind: 'function',
    items: definitions.length === 0 ? items : [{ ...first, columns: definitions }],
    alias,
    hasOrdinality,
    isRowsFrom,
    position: first.position,
  };
}

function convertFunctionItem(pair: TreeNode): FromFunctionItem {
  const [callNode, definitions] = pair.list('items').map((item) => TreeNode.unwrap(item, pair.context));
  const call = convertExpression(callNode);
  const columns = definitions?.kind === 'List' ? definitions.nodes('items').map(convertFunctionColumn) : undefined;
  return { call, columns, position: call.position };
}

function convertFunctionColumn(node: TreeNode): FromFunctionColumn {
  const type = convertTypeName(node.requiredPart('typeName', 'TypeName'));
  const name = node.text('colname') ?? '';
  node.skip('is_local');
  node.finish();
  return { name, type, position: node.position };
}

const JOIN_TYPES: Readonly<Record<string, Exclude<FromJoin['type'], 'cross'>>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

function convertJoin(node: TreeNode): FromJoin {
  const type = node.choice('jointype', JOIN_TYPES);
  const left = convertFromItem(node.required('larg'));
  const right = convertFromItem(node.required('rarg'));
  const condition = node.node('quals');
  const on = condition === undefined ? undefined : convertExpression(condition);
  const columns = node.names('usingClause');
  const using = columns.length === 0 ? undefined : columns;
  const usingAlias = convertAlias(node.part('join_using_alias', 'Alias'));
  const isNatural = node.flag('isNatural');
  const alias = convertAlias(node.part('alias', 'Alias'));
  node.finish();
  const isCross = type === 'inner' && on === undefined && using === undefined && !isNatural;
  return {
    kind: 'join',
    type: isCross ? 'cross' : type,
    left,
    right,
    on,
    using,
    usingAlias,
    isNatural,
    alias,
    position: left.position,
  };
}
