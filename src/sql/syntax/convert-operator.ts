import { notSupported } from '../../errors/sql-error.ts';
import { convertExpression } from './convert-expression.ts';
import { convertRowSubquery } from './convert-subquery.ts';
import type { LikeSyntax, SyntaxExpression } from './expression-ast.ts';
import { literalList } from './literal-list.ts';
import { TreeNode } from './tree-node.ts';

type Convert = (node: TreeNode) => SyntaxExpression;

/** A_Expr covers whatever is written with an operator or reads like one; SIMILAR TO is `~` over a pattern made of its own. */
const CONVERTERS: Readonly<Record<string, Convert>> = {
  AEXPR_OP: convertOperator,
  AEXPR_OP_ANY: (node) => convertQuantified(node, false),
  AEXPR_OP_ALL: (node) => convertQuantified(node, true),
  AEXPR_DISTINCT: (node) => convertDistinctTest(node, false),
  AEXPR_NOT_DISTINCT: (node) => convertDistinctTest(node, true),
  AEXPR_NULLIF: convertNullIf,
  AEXPR_IN: convertIn,
  AEXPR_SIMILAR: convertOperator,
  AEXPR_LIKE: (node) => convertLike(node, false),
  AEXPR_ILIKE: (node) => convertLike(node, true),
  AEXPR_BETWEEN: (node) => convertBetween(node, { isSymmetric: false, isNegated: false }),
  AEXPR_NOT_BETWEEN: (node) => convertBetween(node, { isSymmetric: false, isNegated: true }),
  AEXPR_BETWEEN_SYM: (node) => convertBetween(node, { isSymmetric: true, isNegated: false }),
  AEXPR_NOT_BETWEEN_SYM: (node) => convertBetween(node, { isSymmetric: true, isNegated: true }),
};

export function convertOperatorExpression(node: TreeNode): SyntaxExpression {
  const convert = node.choice('kind', CONVERTERS);
  return convert(node);
}

function convertOperator(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const { schema, name } = operatorName(node);
  const left = node.node('lexpr');
  const right = node.required('rexpr');
  node.finish();
  const rowComparison = convertRowSubquery({ name, position }, left, right);
  if (rowComparison !== undefined) return rowComparison;
  return {
    kind: 'operator',
    schema,
    name,
    left: left === undefined ? undefined : convertExpression(left),
    right: convertExpression(right),
    position,
  };
}

function operatorName(node: TreeNode): { schema: string | undefined; name: string } {
  const parts = node.names('name');
  if (parts.length > 2) throw notSupported(`the operator ${parts.join('.')}`, node.position);
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** All operators stand in pg_catalog, so naming it says nothing; another schema has none. */
function convertQuantified(node: TreeNode, isAll: boolean): SyntaxExpression {
  const { position } = node;
  const { schema, name } = operatorName(node);
  if (schema !== undefined && schema !== 'pg_catalog') throw notSupported(`the operator ${schema}.${name}`, position);
  const left = convertExpression(node.required('lexpr'));
  const array = convertExpression(node.required('rexpr'));
  node.finish();
  return { kind: 'quantified', name, isAll, left, array, position };
}

function convertDistinctTest(node: TreeNode, isNegated: boolean): SyntaxExpression {
  node.skip('name');
  const left = convertExpression(node.required('lexpr'));
  const right = convertExpression(node.required('rexpr'));
  node.finish();
  return { kind: 'distinct-test', left, right, isNegated, position: node.position };
}

function convertNullIf(node: TreeNode): SyntaxExpression {
  node.skip('name');
  const left = convertExpression(node.required('lexpr'));
  const right = convertExpression(node.required('rexpr'));
  node.finish();
  return { kind: 'nullif', left, right, position: node.position };
}

/** NOT IN is the operator <> over the same list. */
function convertIn(node: TreeNode): SyntaxExpression {
  const isNegated = operatorName(node).name === '<>';
  const argument = convertExpression(node.required('lexpr'));
  const list = operands(node).map(convertExpression);
  node.skip('rexpr_list_start', 'rexpr_list_end');
  node.finish();
  const literals = literalList(list);
  if (literals !== undefined) return { kind: 'in', argument, list: [], literals, isNegated, position: node.position };
  return { kind: 'in', argument, list, isNegated, position: node.position };
}

function convertBetween(node: TreeNode, how: { isSymmetric: boolean; isNegated: boolean }): SyntaxExpression {
  node.skip('name');
  const argument = convertExpression(node.required('lexpr'));
  const [low, high] = operands(node).map(convertExpression);
  node.finish();
  return { kind: 'between', argument, low, high, ...how, position: node.position };
}

function operands(node: TreeNode): readonly TreeNode[] {
  const list = node.required('rexpr');
  if (list.kind !== 'List') throw list.refusal();
  return list.list('items').map((item) => TreeNode.unwrap(item, node.context));
}

/** `!~~` is NOT LIKE. An ESCAPE clause arrives as like_escape(pattern, escape) around the pattern. */
function convertLike(node: TreeNode, isCaseInsensitive: boolean): LikeSyntax {
  const { position } = node;
  const isNegated = operatorName(node).name.startsWith('!');
  const argument = convertExpression(node.required('lexpr'));
  const right = node.required('rexpr');
  node.finish();
  return { kind: 'like', argument, ...patternAndEscape(right), isCaseInsensitive, isNegated, position };
}

function patternAndEscape(node: TreeNode): Pick<LikeSyntax, 'pattern' | 'escape'> {
  const converted = convertExpression(node);
  const isEscaped =
    converted.kind === 'call' &&
    converted.schema === 'pg_catalog' &&
    converted.name === 'like_escape' &&
    converted.arguments.length === 2 &&
    !converted.isDistinct &&
    converted.filter === undefined;
  return isEscaped
    ? { pattern: converted.arguments[0], escape: converted.arguments[1] }
    : { pattern: converted, escape: undefined };
}
