import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { regclass } from '../../types/reg-types.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { callFunction } from './bind-function-call.ts';
import { coerce } from './coerce.ts';
import type { StatementBinding } from './statement-binding.ts';
import { bindDefault } from './stored-expression.ts';

/** The value of a column that none is given for: what its sequence counts, its default, else NULL. */
export function defaultOf(binding: StatementBinding, table: TableDescriptor, column: ColumnDescriptor): Expression {
  return column.identity === undefined ? bindDefault(binding.context, column) : nextIdentity(binding, table, column);
}

/** nextval() of the identity column's own sequence. */
function nextIdentity(binding: StatementBinding, table: TableDescriptor, column: ColumnDescriptor): Expression {
  const sequence = identitySequence(binding, table, column);
  const argument: Expression = { kind: 'constant', value: sequence, type: sqlType(regclass) };
  const call = callFunction(binding, 'nextval', [{ expression: argument, syntax: undefined }], 0);
  const value = coerce(binding, { expression: call, syntax: undefined }, column.type, 'assignment');
  invariant(value !== undefined, 'identity columns are integers');
  return value;
}

function identitySequence(binding: StatementBinding, table: TableDescriptor, column: ColumnDescriptor): number {
  for (const { oid, owner } of binding.context.catalog.sequences()) {
    if (owner?.kind === 'identity' && owner.tableOid === table.oid && owner.columnNumber === column.number) return oid;
  }
  throw new SqlError(SqlState.InternalError, `no sequence goes with identity column "${column.name}"`);
}

/** The refusal of INSERT, which OVERRIDING lifts. */
export function nonDefaultValue(column: ColumnDescriptor): SqlError {
  return new SqlError(SqlState.GeneratedAlways, `cannot insert a non-DEFAULT value into column "${column.name}"`, {
    detail: generatedAlways(column),
    ...(column.generated === undefined ? { hint: 'Use OVERRIDING SYSTEM VALUE to override.' } : {}),
  });
}

/** The refusal of UPDATE. */
export function onlyToDefault(column: ColumnDescriptor): SqlError {
  return new SqlError(SqlState.GeneratedAlways, `column "${column.name}" can only be updated to DEFAULT`, {
    detail: generatedAlways(column),
  });
}

function generatedAlways(column: ColumnDescriptor): string {
  if (column.generated !== undefined) return `Column "${column.name}" is a generated column.`;
  return `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`;
}
