import { notSupported } from '../../errors/sql-error.ts';
import type { RelationName } from './ast.ts';
import { convertColumnDefinition } from './convert-column-definition.ts';
import { convertTableConstraint } from './convert-constraint.ts';
import { convertRelationName } from './convert-relation.ts';
import { convertTableOption } from './convert-table-option.ts';
import type {
  ColumnDefinitionSyntax,
  CreateTableStatement,
  Persistence,
  TableConstraintSyntax,
} from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const NO_ON_COMMIT: Readonly<Record<string, true>> = { ONCOMMIT_NOOP: true };

export function convertCreateTable(node: TreeNode): CreateTableStatement {
  for (const field of ['inhRelations', 'partbound', 'partspec', 'ofTypename', 'tablespacename']) node.refuse(field);
  const { relation, persistence } = convertNewRelation(node, 'relation', 'table');
  node.choice('oncommit', NO_ON_COMMIT);
  // `heap` is what PostgreSQL's tables are unless told otherwise.
  const accessMethod = node.text('accessMethod');
  if (accessMethod !== undefined && accessMethod !== 'heap') {
    throw notSupported(`access method "${accessMethod}"`, node.context.statementPosition);
  }
  const columns: ColumnDefinitionSyntax[] = [];
  const constraints: TableConstraintSyntax[] = [];
  for (const element of node.nodes('tableElts')) {
    if (element.kind === 'ColumnDef') columns.push(convertColumnDefinition(element));
    else if (element.kind === 'Constraint') constraints.push(convertTableConstraint(element));
    else throw element.refusal();
  }
  const statement: CreateTableStatement = {
    kind: 'create-table',
    relation,
    persistence,
    ifNotExists: node.flag('if_not_exists'),
    columns,
    constraints,
    options: node.nodes('options').map(convertTableOption),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

const PERSISTENCES: Readonly<Record<string, Persistence>> = { p: 'permanent', u: 'unlogged' };

/** The name of a table or sequence that is made, and whether it is logged. Temporary ones are refused. */
export function convertNewRelation(
  node: TreeNode,
  field: string,
  what: 'table' | 'sequence',
): { relation: RelationName; persistence: Persistence } {
  const range = node.part(field, 'RangeVar');
  if (range === undefined) throw node.refusal();
  const relation = convertRelationName(range);
  const persistence = PERSISTENCES[range.text('relpersistence') ?? ''];
  if (persistence === undefined) throw range.refusal(`a temporary ${what}`);
  range.finish();
  return { relation, persistence };
}
