import { notSupported } from '../../errors/sql-error.ts';
import { convertColumnDefinition } from './convert-column-definition.ts';
import { convertTableConstraint } from './convert-constraint.ts';
import { convertLike } from './convert-like.ts';
import { convertRelationName } from './convert-relation.ts';
import { convertTableOption } from './convert-table-option.ts';
import type { RelationName } from './located.ts';
import type {
  ColumnDefinitionSyntax,
  CreateTableStatement,
  OnCommit,
  Persistence,
  TableConstraintSyntax,
  TableLikeSyntax,
} from './table-definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const ON_COMMIT: Readonly<Record<string, OnCommit | undefined>> = {
  ONCOMMIT_NOOP: undefined,
  ONCOMMIT_PRESERVE_ROWS: 'preserve rows',
  ONCOMMIT_DELETE_ROWS: 'delete rows',
  ONCOMMIT_DROP: 'drop',
};

/** ON COMMIT; undefined: nothing was said. */
export function convertOnCommit(node: TreeNode, field: string): OnCommit | undefined {
  const written = node.text(field) ?? '';
  if (!Object.hasOwn(ON_COMMIT, written)) throw node.refusal(`${written} of a table`);
  return ON_COMMIT[written];
}

export function convertCreateTable(node: TreeNode): CreateTableStatement {
  for (const field of ['inhRelations', 'partbound', 'partspec', 'ofTypename', 'tablespacename']) node.refuse(field);
  const { relation, persistence } = convertNewRelation(node, 'relation');
  const onCommit = convertOnCommit(node, 'oncommit');
  // `heap` is what PostgreSQL's tables are unless told otherwise.
  const accessMethod = node.text('accessMethod');
  if (accessMethod !== undefined && accessMethod !== 'heap') {
    throw notSupported(`access method "${accessMethod}"`, node.context.statementPosition);
  }
  const columns: ColumnDefinitionSyntax[] = [];
  const likes: TableLikeSyntax[] = [];
  const constraints: TableConstraintSyntax[] = [];
  for (const element of node.nodes('tableElts')) {
    if (element.kind === 'ColumnDef') columns.push(convertColumnDefinition(element));
    else if (element.kind === 'TableLikeClause') likes.push(convertLike(element, columns.length));
    else if (element.kind === 'Constraint') constraints.push(convertTableConstraint(element));
    else throw element.refusal();
  }
  const statement: CreateTableStatement = {
    kind: 'create-table',
    relation,
    persistence,
    onCommit,
    ifNotExists: node.flag('if_not_exists'),
    columns,
    likes,
    constraints,
    options: node.nodes('options').map(convertTableOption),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

const PERSISTENCES: Readonly<Record<string, Persistence>> = {
  p: 'permanent',
  t: 'temporary',
  u: 'unlogged',
};

/** The name of a table or sequence that is made, and how long it is to last. */
export function convertNewRelation(
  node: TreeNode,
  field: string,
): { relation: RelationName; persistence: Persistence } {
  const range = node.part(field, 'RangeVar');
  if (range === undefined) throw node.refusal();
  const relation = convertRelationName(range);
  const persistence = PERSISTENCES[range.text('relpersistence') ?? ''];
  if (persistence === undefined) throw range.refusal();
  range.finish();
  return { relation, persistence };
}
