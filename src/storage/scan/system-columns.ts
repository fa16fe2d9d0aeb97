import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { numberOfTid, tidOfNumber } from '../../types/tid.ts';
import { FROZEN_TRANSACTION, transactionNumber } from '../transaction-number.ts';
import { PROVISIONAL_ROW_ID } from '../versions/write-set.ts';

/** A row that a transaction has not committed yet stands in the upper half of all blocks. */
const PROVISIONAL_TIDS = 2 ** 46;

/** Where a row of this id is, for those who ask for its ctid: it follows from the id, so that no flush and no merge moves it. */
export function tidOfRow(rowId: number): number {
  return tidOfNumber(rowId < PROVISIONAL_ROW_ID ? rowId : rowId - PROVISIONAL_ROW_ID + PROVISIONAL_TIDS);
}

/** The row that a ctid is of; -1: no row has it. */
export function rowOfTid(tid: number): number {
  const number = numberOfTid(tid);
  return number < PROVISIONAL_TIDS ? number : number - PROVISIONAL_TIDS + PROVISIONAL_ROW_ID;
}

/** ctid, of row ids. */
export function tidsOfRows(rowIds: Column): Column {
  return mapped(rowIds, tidOfRow, 0);
}

/** xmin, of what plain tables note of the writer; rows from before it was noted have none. */
export function transactionsOf(writers: Column): Column {
  return mapped(writers, (bits) => bits >>> 0, FROZEN_TRANSACTION);
}

/** xmin where the writer is not noted: each version of a row has an id of its own. */
export function versionsOfRows(rowIds: Column): Column {
  return mapped(rowIds, transactionNumber, FROZEN_TRANSACTION);
}

function mapped(column: Column, value: (stored: number) => number, absent: number): Column {
  invariant(column.kind === 'number', 'ids of rows and transactions are small numbers');
  const { validity } = column;
  const values = new Float64Array(column.values.length);
  for (let row = 0; row < values.length; row++) {
    values[row] = validity !== undefined && validity[row] === 0 ? absent : value(column.values[row]);
  }
  return { kind: 'number', values, validity: undefined };
}
