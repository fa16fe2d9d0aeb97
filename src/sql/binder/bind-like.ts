import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SequenceOptionSyntax } from '../syntax/definition-ast.ts';
import type { IdentitySyntax, KeySyntax, TableLikeSyntax } from '../syntax/table-definition-ast.ts';
import { storedColumns } from './assign-column.ts';
import type { DefinedColumn } from './bind-column-definitions.ts';
import type { BindContext } from './bind-context.ts';
import { findRelation } from './find-relation.ts';
import { nameAsWritten } from './find-table.ts';

/** What CREATE TABLE takes over from another table, by names of columns. */
export interface LikedTable {
  readonly source: TableDescriptor;
  readonly includes: TableLikeSyntax['includes'];
  /** Where its columns go: before the one at this place among those that were written. */
  readonly before: number;
  readonly columns: readonly DefinedColumn[];
  /** Their names are to be chosen. */
  readonly keys: readonly KeySyntax[];
  readonly checks: readonly {
    readonly name: string;
    readonly expression: string;
    readonly columnNames: readonly string[];
    readonly isNoInherit: boolean;
  }[];
}

/** LIKE in CREATE TABLE. NOT NULL is always taken over, foreign keys never. Throws 42P01, 42809. */
export function bindLike(context: BindContext, syntax: TableLikeSyntax): LikedTable {
  const source = likedTable(context, syntax);
  const { includes, before } = syntax;
  return {
    source,
    includes,
    before,
    columns: storedColumns(source).map((column) => likedColumn(context, source, column, syntax)),
    keys: includes.has('indexes') ? keysOf(source) : [],
    checks: includes.has('constraints') ? checksOf(source) : [],
  };
}

function likedTable(context: BindContext, { relation }: TableLikeSyntax): TableDescriptor {
  const { position } = relation;
  const found = findRelation(context, relation);
  if (found === undefined) {
    throw new SqlError(SqlState.UndefinedTable, `relation "${nameAsWritten(relation)}" does not exist`, { position });
  }
  if (found.kind === 'table') return found.table;
  if (found.kind === 'view') throw notSupported('LIKE of a view', position);
  throw new SqlError(SqlState.WrongObjectType, `relation "${relation.name}" is invalid in LIKE clause`, {
    position,
    detail: `This operation is not supported for ${found.kind === 'index' ? 'indexes' : 'sequences'}.`,
  });
}

function likedColumn(
  context: BindContext,
  source: TableDescriptor,
  column: ColumnDescriptor,
  { includes, position }: TableLikeSyntax,
): DefinedColumn {
  const { name, type, isNotNull, default: text } = column;
  const isIdentity = column.identity !== undefined && includes.has('identity');
  return {
    name,
    type,
    isNotNull,
    collation: column.collation,
    default: undefined,
    ...(text !== undefined && includes.has('defaults') ? { storedDefault: text } : {}),
    generation: undefined,
    ...(column.generated !== undefined && includes.has('generated') ? { storedGeneration: column.generated } : {}),
    isSerial: false,
    identity: isIdentity ? identityOf(context, source, column, position) : undefined,
    position,
  };
}

/** Another sequence that counts in the same way from the start. */
function identityOf(
  { catalog }: BindContext,
  { oid }: TableDescriptor,
  { number, identity: mode = 'always' }: ColumnDescriptor,
  position: number,
): IdentitySyntax {
  for (const sequence of catalog.sequences()) {
    const { owner } = sequence;
    const isMeant = owner?.kind === 'identity' && owner.tableOid === oid && owner.columnNumber === number;
    if (isMeant) return { kind: 'identity', mode, options: countingOptions(sequence), position };
  }
  return { kind: 'identity', mode, options: [], position };
}

function countingOptions({ increment, min, max, start, cache, isCycled }: SequenceDescriptor): SequenceOptionSyntax[] {
  const position = 0;
  return [
    { name: 'increment', value: String(increment), position },
    { name: 'minvalue', value: String(min), position },
    { name: 'maxvalue', value: String(max), position },
    { name: 'start', value: String(start), position },
    { name: 'cache', value: String(cache), position },
    { name: 'cycle', isCycled, position },
  ];
}

function keysOf(source: TableDescriptor): KeySyntax[] {
  const key = (
    columnNumbers: readonly number[],
    said: Pick<KeySyntax, 'isPrimary' | 'nullsNotDistinct' | 'isDeferrable' | 'isInitiallyDeferred'>,
  ): KeySyntax => ({
    kind: 'key',
    name: undefined,
    columns: namesOf(source, columnNumbers),
    usingIndex: undefined,
    ...said,
    position: 0,
  });
  const { uniqueKey } = source;
  const own = source.constraints.flatMap((constraint) => {
    if (constraint.kind !== 'key') return [];
    const { isPrimary, isDeferrable, isInitiallyDeferred } = constraint;
    const index = source.indexes.find(({ oid }) => oid === constraint.indexOid);
    const nullsNotDistinct = index?.nullsNotDistinct === true;
    return [key(constraint.columnNumbers, { isPrimary, nullsNotDistinct, isDeferrable, isInitiallyDeferred })];
  });
  if (uniqueKey === undefined) return own;
  const { isPrimary, nullsNotDistinct } = uniqueKey;
  const said = { isPrimary, nullsNotDistinct, isDeferrable: false, isInitiallyDeferred: false };
  return [key(uniqueKey.columnNumbers, said), ...own];
}

function checksOf(source: TableDescriptor): LikedTable['checks'] {
  return source.constraints.flatMap((constraint) => {
    if (constraint.kind !== 'check') return [];
    const { name, expression, columnNumbers, isNoInherit = false } = constraint;
    return [{ name, expression, columnNames: namesOf(source, columnNumbers), isNoInherit }];
  });
}

function namesOf(table: TableDescriptor, numbers: readonly number[]): string[] {
  return numbers.map((number) => table.columns.find((column) => column.number === number)?.name ?? '');
}
