import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import { storedType } from '../types/stored-type.ts';
import type { TagDefinition } from './index/series-index.ts';

/** Whether rows with one (series, time, remainder) are versions of one point. Otherwise every row stands for itself. */
export function mergesVersions(table: Pick<TableDescriptor, 'timeSeries' | 'uniqueKey'>): boolean {
  return table.timeSeries !== undefined && table.uniqueKey !== undefined;
}

export function tagDefinitions(table: TableDescriptor): TagDefinition[] {
  return (table.timeSeries?.tagColumnNumbers ?? []).map((columnNumber) => ({
    columnNumber,
    type: storedType(columnOfNumber(table, columnNumber).type.definition),
  }));
}

export function columnOfNumber(table: TableDescriptor, number: number): ColumnDescriptor {
  const column = table.columns.find((candidate) => candidate.number === number);
  invariant(column !== undefined, `table ${table.oid} has a column ${number}`);
  return column;
}

export function visibleColumns(table: TableDescriptor): readonly ColumnDescriptor[] {
  return table.columns.filter((column) => column.isHidden !== true);
}

/** Everything of a plain table lies in one partition. */
export const PLAIN_PARTITION = 0;

/** Partitions are cut at multiples of their length since 2000-01-01 UTC. */
export function partitionOf(time: number, partitionMicros: number): number {
  return Math.floor(time / partitionMicros);
}
