import type { CheckConstraint } from '../../catalog/constraint-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { BindContext } from '../../sql/binder/bind-context.ts';
import { bindStoredExpression } from '../../sql/binder/stored-expression.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { foldExpression } from '../../sql/optimizer/rules/fold-constants.ts';
import { compareUtf8 } from '../../types/compare-utf8.ts';
import { failingRow } from './failing-row.ts';

/** A CHECK as a search for rows that it refuses: false, not NULL. */
interface CompiledCheck {
  readonly constraint: CheckConstraint;
  readonly violations: RowFilter;
}

interface TableChecks {
  /** With their positions in rows of the table. */
  readonly notNull: readonly (readonly [position: number, column: ColumnDescriptor])[];
  readonly checks: readonly CompiledCheck[];
}

/** A row that is refused, and why. */
export interface RowViolation {
  readonly row: number;
  readonly error: SqlError;
}

/** NOT NULL and CHECK over new rows. Compiled once per version of a table; one for each session. */
export class RowChecks {
  readonly #tables = new WeakMap<TableDescriptor, TableChecks>();
  #environment: FunctionEnvironment | undefined;

  /**
   * `rows`: one column per visible column of the table, in table order. Throws 23502 and 23514 for the first row that is
   * refused, of its reasons the one that PostgreSQL gives: columns in their order, then CHECKs by name.
   */
  check(table: TableDescriptor, rows: Batch, bindContext: BindContext): void {
    const violation = this.firstRefused(table, rows, bindContext);
    if (violation !== undefined) throw violation.error;
  }

  /** As `check`, which row it is. `options`: NOT NULL does not concern all rows of line protocol. */
  firstRefused(
    table: TableDescriptor,
    rows: Batch,
    bindContext: BindContext,
    options: { readonly ignoresNotNull?: boolean } = {},
  ): RowViolation | undefined {
    const compiled = this.#checksOf(table, bindContext);
    const notNull = options.ignoresNotNull === true ? [] : compiled.notNull;
    if (notNull.length === 0 && compiled.checks.length === 0) return undefined;
    this.#environment = bindContext.environment;
    return firstViolation(table, rows, { notNull, checks: compiled.checks }, bindContext);
  }

  #compile(table: TableDescriptor, constraint: CheckConstraint, bindContext: BindContext): CompiledCheck {
    const condition = foldExpression(bindStoredExpression(bindContext, constraint.expression, table));
    const refused: Expression = { kind: 'not', argument: condition, type: condition.type };
    const environment = (): FunctionEnvironment => this.#environment ?? bindContext.environment;
    const context = {
      parameters: [],
      get environment() {
        return environment();
      },
    };
    return { constraint, violations: new RowFilter(refused, context) };
  }

  #checksOf(table: TableDescriptor, bindContext: BindContext): TableChecks {
    let compiled = this.#tables.get(table);
    if (compiled === undefined) {
      const visible = table.columns.filter((column) => column.isHidden !== true);
      const checks = table.constraints
        .filter((constraint) => constraint.kind === 'check')
        .sort((left, right) => compareUtf8(left.name, right.name));
      compiled = {
        notNull: [...visible.entries()].filter(([, column]) => column.isNotNull),
        checks: checks.map((constraint) => this.#compile(table, constraint, bindContext)),
      };
      this.#tables.set(table, compiled);
    }
    return compiled;
  }
}

function firstViolation(
  table: TableDescriptor,
  rows: Batch,
  compiled: TableChecks,
  context: BindContext,
): RowViolation | undefined {
  try {
    return firstAmong(table, rows, compiled, context);
  } catch (error) {
    if (!(error instanceof SqlError) || rows.rowCount <= 1) throw error;
    // A CHECK that cannot be computed for one row says nothing about the rows before it.
    for (let row = 0; row < rows.rowCount; row++) {
      const violation = firstAmong(table, sliceBatch(rows, row, row + 1), compiled, context);
      if (violation !== undefined) return { ...violation, row };
    }
    throw error;
  }
}

function firstAmong(
  table: TableDescriptor,
  rows: Batch,
  { notNull, checks }: TableChecks,
  context: BindContext,
): RowViolation | undefined {
  let first: { readonly row: number; readonly error: (detail: string) => SqlError } | undefined;
  const offer = (row: number, error: (detail: string) => SqlError): void => {
    if (row >= 0 && row < rows.rowCount && (first === undefined || row < first.row)) first = { row, error };
  };
  for (const [position, column] of notNull) {
    const validity = rows.columns[position]?.validity;
    if (validity !== undefined) offer(validity.indexOf(0), (detail) => notNullViolation(table, column, detail));
  }
  const selection = new Uint32Array(checks.length === 0 ? 0 : rows.rowCount);
  for (const { constraint, violations } of checks) {
    const count = violations.select(rows, selection);
    if (count > 0) offer(selection[0], (detail) => checkViolation(table, constraint, detail));
  }
  if (first === undefined) return undefined;
  return { row: first.row, error: first.error(failingRow(table, rows, first.row, context.typeContext)) };
}

function notNullViolation(table: TableDescriptor, column: ColumnDescriptor, detail: string): SqlError {
  return new SqlError(
    SqlState.NotNullViolation,
    `null value in column "${column.name}" of relation "${table.name}" violates not-null constraint`,
    { detail, schemaName: table.schemaName, tableName: table.name, columnName: column.name },
  );
}

function checkViolation(table: TableDescriptor, constraint: CheckConstraint, detail: string): SqlError {
  return new SqlError(
    SqlState.CheckViolation,
    `new row for relation "${table.name}" violates check constraint "${constraint.name}"`,
    { detail, schemaName: table.schemaName, tableName: table.name, constraintName: constraint.name },
  );
}
