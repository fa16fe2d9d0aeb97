import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { valueAt } from '../../columnar/column.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import type { BoundModification } from '../../sql/binder/bound-statement.ts';
import type { Value } from '../../types/value.ts';
import type { Portals } from '../portals.ts';

/** WHERE CURRENT OF: the statement's slots hold what names the row that the cursor stands on. Throws 34000, 24000. */
export function atCurrentRow(bound: BoundModification, context: ExecutionContext, portals: Portals): ExecutionContext {
  const current = bound.kind === 'insert' ? undefined : bound.current;
  if (current === undefined) return context;
  const names = currentRow(portals, current.cursor, bound.table);
  const slots = [...(context.slots ?? [])];
  current.slots.forEach((slot, at) => {
    slots[slot] = names[at];
  });
  return { ...context, slots };
}

function currentRow(portals: Portals, name: string, table: TableDescriptor): readonly Value[] {
  const refuse = (message: string): SqlError =>
    new SqlError(SqlState.InvalidCursorState, `cursor "${name}" ${message}`);
  const portal = portals.find(name);
  if (portal === undefined) throw new SqlError(SqlState.InvalidCursorName, `cursor "${name}" does not exist`);
  const { cursor } = portal;
  if (cursor === undefined) throw refuse(`is not a simply updatable scan of table "${table.name}"`);
  if (portals.isHeld(name)) throw refuse('is held from a previous transaction');
  const { isLocking = false, tables = [] } = cursor.rows ?? {};
  const [found, another] = tables.filter(({ tableOid }) => tableOid === table.oid);
  if (found === undefined) {
    throw refuse(
      isLocking
        ? `does not have a FOR UPDATE/SHARE reference to table "${table.name}"`
        : `is not a simply updatable scan of table "${table.name}"`,
    );
  }
  if (another !== undefined) throw refuse(`has multiple FOR UPDATE/SHARE references to table "${table.name}"`);
  const row = cursor.currentRow;
  if (row === undefined) throw refuse('is not positioned on a row');
  const { firstColumn, columnCount } = found;
  return row.columns.slice(firstColumn, firstColumn + columnCount).map((column) => valueAt(column, 0));
}
