import { invariant } from '../errors/invariant.ts';
import type { ExecutionContext } from './execution-context.ts';
import type { RowBuffer } from './row-buffer.ts';

/** The common tables that a plan can read, innermost WITH first: each by the number that its scans name. */
export interface CommonTables {
  readonly id: number;
  readonly rows: RowBuffer;
  readonly outer: CommonTables | undefined;
}

/** The context of what may read the rows as the common table `id`. */
export function withCommonTable(context: ExecutionContext, id: number, rows: RowBuffer): ExecutionContext {
  return { ...context, commonTables: { id, rows, outer: context.commonTables } };
}

/** The innermost table of this id. */
export function commonTable(context: ExecutionContext, id: number): RowBuffer {
  let known = context.commonTables;
  while (known !== undefined && known.id !== id) known = known.outer;
  invariant(known !== undefined, 'a common table is read within its WITH');
  return known.rows;
}
