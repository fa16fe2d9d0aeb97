import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { missingValue } from '../../storage/missing-value.ts';
import { visibleColumns } from '../../storage/table-identity.ts';
import type { FilledColumn } from '../../storage/versions/write-set.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import { storedType } from '../../types/stored-type.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { assertColumnNameFree } from './find-column.ts';

/** A column as CREATE TABLE and ADD COLUMN declare it. */
export interface NewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly isNotNull: boolean;
  /** As pg_get_expr prints it. */
  readonly default?: string | undefined;
  readonly identity?: 'always' | 'by default' | undefined;
  /** GENERATED ALWAYS AS, as pg_get_expr prints it. */
  readonly generated?: string | undefined;
  readonly collation?: string | undefined;
}

/**
 * The table with a column at its end. `missing`: what rows have in it that are there already, the value of a DEFAULT that
 * is the same for all of them; without it they have NULL. Where they are to have values of their own, `replaceRows` gives
 * them those. Throws 42701, 0A000.
 */
export function addColumn(table: TableDescriptor, column: NewColumn, missing: Value = null): TableDescriptor {
  assertColumnNameFree(table, column.name);
  const number = table.nextColumnNumber;
  const described = describeColumn(column, number);
  const added: ColumnDescriptor =
    missing === null
      ? described
      : {
          ...described,
          missing: storedType(column.type.definition).format(missing, neutralContext),
          missingBefore: table.schemaVersion + 1,
        };
  const visible = visibleColumns(table);
  const hidden = table.columns.filter(({ isHidden }) => isHidden === true);
  return { ...table, columns: [...visible, added, ...hidden], nextColumnNumber: number + 1 };
}

/** A field column; what role it has else is for the caller to say. */
export function describeColumn(column: NewColumn, number: number): ColumnDescriptor {
  const { name, type, isNotNull, default: defaultText, identity, generated, collation } = column;
  return {
    number,
    name,
    type,
    isNotNull: isNotNull || identity !== undefined,
    role: 'field',
    ...(defaultText === undefined ? {} : { default: defaultText }),
    ...(identity === undefined ? {} : { identity }),
    ...(generated === undefined ? {} : { generated }),
    ...(collation === undefined ? {} : { collation }),
  };
}

/** Columns that `next` has and `current` does not, and what rows from before have in them. */
export function columnsWithMissing(current: TableDescriptor, next: TableDescriptor): FilledColumn[] {
  const filled: FilledColumn[] = [];
  for (const column of next.columns) {
    if (column.number < current.nextColumnNumber) continue;
    const value = missingValue(column);
    if (value !== null) filled.push({ number: column.number, type: storedType(column.type.definition), value });
  }
  return filled;
}
