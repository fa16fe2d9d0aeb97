import { notSupported } from '../../errors/sql-error.ts';
import { convertColumnConstraints } from './convert-constraint.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { ColumnDefinitionSyntax } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** A column of CREATE TABLE or ADD COLUMN. */
export function convertColumnDefinition(node: TreeNode): ColumnDefinitionSyntax {
  const name = node.text('colname') ?? '';
  const typeNode = node.part('typeName', 'TypeName');
  if (typeNode === undefined) throw node.refusal();
  const type = convertTypeName(typeNode);
  checkCollation(node);
  const constraints = convertColumnConstraints(node.nodes('constraints'), name);
  // `is_local`: the column is the table's own and not inherited.
  node.skip('is_local');
  node.finish();
  return { name, type, constraints, position: node.position };
}

/** All of these order by bytes here; any other collation would be accepted and ignored. */
const BYTE_ORDER_COLLATIONS = new Set(['default', 'C', 'POSIX', 'ucs_basic']);

/** COLLATE of a column. Throws 0A000 for one that does not order by bytes. */
export function checkCollation(column: TreeNode): void {
  const clause = column.part('collClause', 'CollateClause');
  if (clause === undefined) return;
  const parts = clause.names('collname');
  const [schema, collation] = parts.length > 1 ? parts : ['pg_catalog', parts[0]];
  if (parts.length > 2 || schema !== 'pg_catalog' || !BYTE_ORDER_COLLATIONS.has(collation)) {
    throw notSupported(`collation "${parts.join('.')}"`, clause.position);
  }
  clause.finish();
}
