import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Expression } from '../expression/expression.ts';
import { columnsUsed, remapColumns } from '../expression/walk-expression.ts';
import type { LogicalPlan, ProjectNode } from '../plan/logical-plan.ts';
import { storedColumns } from './assign-column.ts';
import type { BindContext } from './bind-context.ts';
import { bindGeneration } from './stored-expression.ts';

export interface GeneratedColumn {
  readonly column: ColumnDescriptor;
  /** Its place among the visible columns of the table. */
  readonly at: number;
  /** Over the visible columns, none of them generated. */
  readonly value: Expression;
}

export function hasGeneratedColumns({ columns }: TableDescriptor): boolean {
  return columns.some((column) => column.generated !== undefined);
}

/** What the columns GENERATED ALWAYS AS (…) of a table are computed from. */
export function generatedColumns(context: BindContext, table: TableDescriptor): GeneratedColumn[] {
  return [...storedColumns(table).entries()].flatMap(([at, column]) =>
    column.generated === undefined ? [] : [{ column, at, value: bindGeneration(context, column, table) }],
  );
}

/** The generated columns that are computed from a column. */
export function generatedFrom(
  context: BindContext,
  table: TableDescriptor,
  columnNumber: number,
): readonly ColumnDescriptor[] {
  const at = storedColumns(table).findIndex(({ number }) => number === columnNumber);
  return generatedColumns(context, table)
    .filter(({ value }) => columnsUsed(value).includes(at))
    .map(({ column }) => column);
}

/** The rows with the values of generated columns; the visible columns of the table stand from `first` on. */
export function withGenerated(
  context: BindContext,
  table: TableDescriptor,
  input: LogicalPlan,
  first: number,
): ProjectNode {
  const expressions = input.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  for (const { at, value } of generatedColumns(context, table)) {
    expressions[first + at] = remapColumns(value, (index) => first + index);
  }
  return { kind: 'project', input, expressions, output: input.output };
}
