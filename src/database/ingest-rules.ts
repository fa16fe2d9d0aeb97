import type { FieldConflict, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { IngestRowRules } from './ingest-row-rules.ts';

/** What line protocol may do to a database. */
export interface IngestRules {
  /** For tables that say nothing themselves. */
  readonly fieldConflict: FieldConflict;
  /** Tables that one request may write to. */
  readonly maxTablesPerRequest: number;
}

export const DEFAULT_INGEST_RULES: IngestRules = { fieldConflict: 'strict', maxTablesPerRequest: 10_000 };

/** An integer column for which floats have arrived, in a table that lets it become double precision. */
export interface Widening {
  readonly table: TableDescriptor;
  readonly columnNumber: number;
  /** The row of the table's batch that brought the first float. */
  readonly row: number;
}

/** How `fitBatch` treats a float for an integer column, and an integer for a column of floats. */
export interface FitRules {
  readonly fieldConflict: FieldConflict;
  /** Takes note of a column that has to be looked at before it may be widened. */
  noteWidening(widening: Widening): void;
  /** Defaults and CHECKs; undefined: nobody knows SQL here, and there are none. */
  readonly rows?: IngestRowRules | undefined;
  /** Who writes: owns the tables that are made. The first superuser where nobody says. */
  readonly ownerOid?: number | undefined;
}
