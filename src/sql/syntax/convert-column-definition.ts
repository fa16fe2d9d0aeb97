import { byteOrderCollation } from './convert-collation.ts';
import { convertColumnConstraints } from './convert-constraint.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { CollationSyntax, ColumnDefinitionSyntax } from './table-definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** A column of CREATE TABLE or ADD COLUMN. */
export function convertColumnDefinition(node: TreeNode): ColumnDefinitionSyntax {
  const name = node.text('colname') ?? '';
  const typeNode = node.part('typeName', 'TypeName');
  if (typeNode === undefined) throw node.refusal();
  const type = convertTypeName(typeNode);
  const collation = convertCollation(node);
  const constraints = convertColumnConstraints(node.nodes('constraints'), name);
  // `is_local`: the column is the table's own and not inherited.
  node.skip('is_local');
  node.finish();
  return { name, type, collation, constraints, position: node.position };
}

/** COLLATE of a column. Throws 0A000 for one that does not order by bytes. */
export function convertCollation(column: TreeNode): CollationSyntax | undefined {
  const clause = column.part('collClause', 'CollateClause');
  if (clause === undefined) return undefined;
  const { position } = clause;
  const name = byteOrderCollation(clause.names('collname'), position);
  clause.finish();
  return { name, position };
}
