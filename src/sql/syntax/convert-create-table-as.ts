import { notSupported } from '../../errors/sql-error.ts';
import { convertNewRelation, convertOnCommit } from './convert-create-table.ts';
import { convertQuery } from './convert-query.ts';
import { convertTableOption } from './convert-table-option.ts';
import type { Query } from './query-ast.ts';
import type { CreateTableAsStatement } from './table-definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const TABLES: Readonly<Record<string, true>> = { OBJECT_TABLE: true };
/** CREATE TABLE … AS query. */
export function convertCreateTableAs(node: TreeNode): CreateTableAsStatement {
  node.choice('objtype', TABLES);
  const into = node.part('into', 'IntoClause');
  if (into === undefined) throw node.refusal();
  const query = node.required('query');
  if (query.kind !== 'SelectStmt') throw query.refusal();
  const statement: CreateTableAsStatement = {
    ...convertInto(into, convertQuery(query)),
    ifNotExists: node.flag('if_not_exists'),
    isSelectInto: node.flag('is_select_into'),
  };
  node.finish();
  return statement;
}

/** A whole statement: a query, or SELECT … INTO. */
export function convertQueryStatement(node: TreeNode): Query | CreateTableAsStatement {
  let into: TreeNode | undefined;
  const query = convertQuery(node, {
    takeInto: (clause) => {
      into = clause;
    },
  });
  return into === undefined ? query : { ...convertInto(into, query), ifNotExists: false, isSelectInto: true };
}

function convertInto(node: TreeNode, query: Query): Omit<CreateTableAsStatement, 'ifNotExists' | 'isSelectInto'> {
  node.refuse('tableSpaceName');
  const { relation, persistence } = convertNewRelation(node, 'rel');
  const onCommit = convertOnCommit(node, 'onCommit');
  const accessMethod = node.text('accessMethod');
  if (accessMethod !== undefined && accessMethod !== 'heap') {
    throw notSupported(`access method "${accessMethod}"`, node.context.statementPosition);
  }
  const statement = {
    kind: 'create-table-as',
    relation,
    persistence,
    onCommit,
    columns: node.names('colNames'),
    options: node.nodes('options').map(convertTableOption),
    query,
    withData: !node.flag('skipData'),
    position: node.context.statementPosition,
  } as const;
  node.finish();
  return statement;
}
