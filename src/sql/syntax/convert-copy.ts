import { convertExpression } from './convert-expression.ts';
import { PLANNED } from './convert-prepare.ts';
import { convertNamedRelation } from './convert-relation.ts';
import type { CopyOptionSyntax, CopyPlaceSyntax, CopyStatement } from './copy-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** COPY, with the options of any of its syntaxes: the grammar gives all of them the names of the newest one. */
export function convertCopy(node: TreeNode): CopyStatement {
  const isFrom = node.flag('is_from');
  const source = convertSource(node);
  const place = convertPlace(node);
  const options = node.nodes('options').map(convertOption);
  const condition = node.node('whereClause');
  const where = condition === undefined ? undefined : convertExpression(condition);
  node.finish();
  return { kind: 'copy', isFrom, source, place, options, where, position: node.context.statementPosition };
}

function convertSource(node: TreeNode): CopyStatement['source'] {
  const query = node.node('query');
  if (query === undefined) {
    const columns = node.names('attlist');
    const relation = convertNamedRelation(node, 'relation');
    return { kind: 'table', relation, columns: columns.length === 0 ? undefined : columns };
  }
  if (query.kind === 'SelectStmt' && query.has('intoClause')) throw query.refusal('COPY (SELECT INTO)');
  const convert = Object.hasOwn(PLANNED, query.kind) ? PLANNED[query.kind] : undefined;
  if (convert === undefined) throw query.refusal();
  return { kind: 'query', query: convert(query) };
}

function convertPlace(node: TreeNode): CopyPlaceSyntax {
  const isProgram = node.flag('is_program');
  const path = node.text('filename');
  if (isProgram) return { kind: 'program' };
  return path === undefined ? { kind: 'client' } : { kind: 'file', path };
}

function convertOption(node: TreeNode): CopyOptionSyntax {
  const name = node.text('defname') ?? '';
  const value = convertValue(node.node('arg'));
  node.skip('defaction', 'arg_location');
  const { position } = node;
  node.finish();
  return { name, value, position };
}

function convertValue(value: TreeNode | undefined): CopyOptionSyntax['value'] {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case 'A_Star':
      return { kind: 'star' };
    case 'List':
      return { kind: 'list', items: value.names('items') };
    case 'Boolean':
      return { kind: 'text', text: value.flag('boolval') ? 'true' : 'false', isNumber: false };
    case 'Integer':
      return { kind: 'text', text: String(value.integer('ival')), isNumber: true };
    case 'Float':
      return { kind: 'text', text: value.text('fval') ?? '', isNumber: true };
    case 'String':
      return { kind: 'text', text: value.text('sval') ?? '', isNumber: false };
    default:
      throw value.refusal('this value of an option');
  }
}
