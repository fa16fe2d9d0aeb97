import type { RowRepeats } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import type { SqlType } from '../types/type-definition.ts';
import type { CopyPlace } from './copy-context.ts';

/** A column that the data has, in its order. */
export interface CopyColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** Rows of a COPY FROM. They and what they say of their lines are valid until the reader is asked again. */
export interface CopyRows {
  readonly rowCount: number;
  /** One for each column that the data has. */
  readonly columns: readonly Column[];
  /** By the columns of the data. */
  readonly repeats?: RowRepeats | undefined;
  /** Per column, 1 where its default is asked for; undefined: nowhere. */
  readonly defaults: readonly (Uint8Array | undefined)[] | undefined;
  /** Rows that were left out behind those before: with ON_ERROR ignore. */
  readonly skipped: readonly SkippedRow[];
  /** Why the row behind these is none: thrown once these are dealt with. */
  readonly failure: { readonly error: unknown } | undefined;
  /** `withText`: with the whole line. */
  place(row: number, options: { readonly withText: boolean }): CopyPlace;
}

export interface SkippedRow {
  readonly line: number;
  readonly columnName: string;
  /** null: it was NULL. */
  readonly value: string | null;
}

/** Bytes of a COPY FROM, cut anywhere → rows. */
export interface CopyReader {
  /** Whether rows are to be taken before more bytes are. */
  readonly isFull: boolean;
  /** The end mark was read: what comes behind it is thrown away. */
  readonly hasEnded: boolean;
  /** The line that is being waited for, for errors that are not of the data. */
  readonly line: number;
  /** Bytes that it holds. */
  readonly sizeBytes: number;
  push(bytes: Uint8Array): void;
  /** No more bytes come. */
  end(): void;
  /** The next rows; undefined: more bytes are needed, or this is the end. */
  next(): CopyRows | undefined;
}
