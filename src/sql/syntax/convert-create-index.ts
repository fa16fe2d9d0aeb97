import { notSupported } from '../../errors/sql-error.ts';
import { convertRelationName } from './convert-relation.ts';
import type { CreateIndexStatement, IndexColumnSyntax } from './definition-ast.ts';
import { fieldName } from './refusal-names.ts';
import type { TreeNode } from './tree-node.ts';

export function convertCreateIndex(node: TreeNode): CreateIndexStatement {
  for (const field of ['whereClause', 'indexIncludingParams', 'options', 'tableSpace']) node.refuse(field);
  const range = node.part('relation', 'RangeVar');
  if (range === undefined) throw node.refusal();
  const relation = convertRelationName(range);
  range.skip('relpersistence');
  range.finish();
  const statement: CreateIndexStatement = {
    kind: 'create-index',
    name: node.text('idxname'),
    relation,
    method: node.text('accessMethod') ?? 'btree',
    columns: node.nodes('indexParams').map(convertIndexColumn),
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

/** Collations that order by bytes, which is how all text is ordered here. */
const BYTE_ORDER_COLLATIONS = new Set(['default', 'C', 'POSIX', 'ucs_basic']);

/** Operator classes of byte order: the same as the default where all text is ordered by bytes. */
const DEFAULT_CLASSES = new Set(['text_ops', 'varchar_ops', 'bpchar_ops', 'text_pattern_ops', 'varchar_pattern_ops']);

function convertIndexColumn(node: TreeNode): IndexColumnSyntax {
  node.refuse('expr');
  const collation = node.names('collation');
  if (collation.length > 0 && !BYTE_ORDER_COLLATIONS.has(collation.at(-1) ?? '')) {
    throw notSupported(`collation "${collation.join('.')}"`, node.context.statementPosition);
  }
  const operatorClass = node.names('opclass');
  if (operatorClass.length > 0 && !DEFAULT_CLASSES.has(operatorClass.at(-1) ?? '')) {
    throw notSupported(fieldName('IndexElem', 'opclass'), node.context.statementPosition);
  }
  const column: IndexColumnSyntax = {
    name: node.text('name') ?? '',
    ...node.choice('ordering', DIRECTIONS),
    nulls: node.choice('nulls_ordering', NULLS),
  };
  node.finish();
  return column;
}
