import type { CatalogObject } from '../../catalog/catalog-object.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { BlockColumn, RowBlock } from '../memtable/row-block.ts';
import type { StagedRows } from '../staging/staged-record.ts';

/** What a commit does, in order: each operation may rely on those before it. */
export type CommitOperation =
  | CreateTable
  | AlterTable
  | DropTable
  | NewSeries
  | AppendRows
  | StagedRows
  | DeleteRows
  | TruncateTable
  | PutSequence
  | DropSequence
  | CountSequence
  | PutEnum
  | DropEnum
  | PutObject
  | DropObject;

export interface CreateTable {
  readonly kind: 'create-table';
  readonly table: TableDescriptor;
}

/** `table` is the whole new version. */
export interface AlterTable {
  readonly kind: 'alter-table';
  readonly table: TableDescriptor;
}

export interface DropTable {
  readonly kind: 'drop-table';
  readonly tableOid: number;
}

/** Series `firstId` to `firstId + count - 1`, with one column of values per tag. */
export interface NewSeries {
  readonly kind: 'new-series';
  readonly tableOid: number;
  readonly firstId: number;
  readonly count: number;
  readonly tags: readonly BlockColumn[];
}

export interface AppendRows {
  readonly kind: 'rows';
  readonly tableOid: number;
  /** Version of the table's schema that the rows were checked against. */
  readonly schemaVersion: number;
  readonly blocks: readonly RowBlock[];
}

/**
 * Deletes what earlier commits wrote: all versions of a point, or the rows with the row ids where there are such. Blocks
 * name rows alone and have no columns.
 */
export interface DeleteRows {
  readonly kind: 'delete';
  readonly tableOid: number;
  readonly blocks: readonly RowBlock[];
}

/** Deletes all rows that earlier commits wrote. */
export interface TruncateTable {
  readonly kind: 'truncate';
  readonly tableOid: number;
}

/** A new sequence, or a new version of one, and where it counts from. */
export interface PutSequence {
  readonly kind: 'put-sequence';
  readonly sequence: SequenceDescriptor;
  readonly state: SequenceState;
}

export interface DropSequence {
  readonly kind: 'drop-sequence';
  readonly sequenceOid: number;
}

/** A replay goes on counting from here: values up to `state` may have been given out. */
export interface CountSequence {
  readonly kind: 'count-sequence';
  readonly sequenceOid: number;
  readonly state: SequenceState;
}

/** A new enum, or a new version of one: then the tables with columns of it get new versions too. */
export interface PutEnum {
  readonly kind: 'put-enum';
  readonly enum: EnumDescriptor;
}

export interface DropEnum {
  readonly kind: 'drop-enum';
  readonly enumOid: number;
}

/** A schema or a comment: a new one, or a new version. */
export interface PutObject {
  readonly kind: 'put-object';
  readonly object: CatalogObject;
}

export interface DropObject {
  readonly kind: 'drop-object';
  /** `objectKey`. */
  readonly key: string;
}
