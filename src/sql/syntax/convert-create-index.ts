import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { byteOrderCollation } from './convert-collation.ts';
import { convertExpression } from './convert-expression.ts';
import { convertNamedRelation } from './convert-relation.ts';
import type { CreateIndexStatement, IndexColumnSyntax } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

export function convertCreateIndex(node: TreeNode): CreateIndexStatement {
  for (const field of ['options', 'tableSpace']) node.refuse(field);
  const relation = convertNamedRelation(node, 'relation');
  const where = node.node('whereClause');
  const statement: CreateIndexStatement = {
    kind: 'create-index',
    name: node.text('idxname'),
    relation,
    method: node.text('accessMethod') ?? 'btree',
    columns: node.nodes('indexParams').map(convertIndexColumn),
    included: node.nodes('indexIncludingParams').map(convertIncluded),
    where: where === undefined ? undefined : convertExpression(where),
    isUnique: node.flag('unique'),
    nullsNotDistinct: node.flag('nulls_not_distinct'),
    isConcurrent: node.flag('concurrent'),
    ifNotExists: node.flag('if_not_exists'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

const DIRECTIONS: Readonly<Record<string, { isDescending: boolean }>> = {
  SORTBY_ASC: { isDescending: false },
  SORTBY_DEFAULT: { isDescending: false },
  SORTBY_DESC: { isDescending: true },
};

const NULLS: Readonly<Record<string, IndexColumnSyntax['nulls']>> = {
  SORTBY_NULLS_DEFAULT: 'default',
  SORTBY_NULLS_FIRST: 'first',
  SORTBY_NULLS_LAST: 'last',
};

function convertIndexColumn(node: TreeNode): IndexColumnSyntax {
  node.refuse('expr');
  const collation = node.names('collation');
  const column: IndexColumnSyntax = {
    name: node.text('name') ?? '',
    ...node.choice('ordering', DIRECTIONS),
    nulls: node.choice('nulls_ordering', NULLS),
    collation: collation.length === 0 ? undefined : byteOrderCollation(collation, node.context.statementPosition),
    operatorClass: node.names('opclass'),
  };
  node.finish();
  return column;
}

/** A column of INCLUDE: nothing is ordered by it. Throws 0A000 for an expression, 42P17 for more than a name. */
function convertIncluded(node: TreeNode): string {
  if (node.has('expr')) {
    throw new SqlError(SqlState.FeatureNotSupported, 'expressions are not supported in included columns');
  }
  const refuse = (what: string): SqlError =>
    new SqlError(SqlState.InvalidObjectDefinition, `including column does not support ${what}`);
  if (node.has('collation')) throw refuse('a collation');
  if (node.has('opclass')) throw refuse('an operator class');
  const { name, isDescending, nulls } = convertIndexColumn(node);
  if (isDescending || node.text('ordering') === 'SORTBY_ASC') throw refuse('ASC/DESC options');
  if (nulls !== 'default') throw refuse('NULLS FIRST/LAST options');
  return name;
}
