import type { TypeDefinition } from '../types/type-definition.ts';

export interface EnumLabel {
  readonly oid: number;
  readonly name: string;
  /** pg_enum.enumsortorder, which is also what a column holds: renaming a label touches no row, a new one may go between. */
  readonly sortOrder: number;
}

/** CREATE TYPE … AS ENUM. Values in memory and on disk are the labels' sort orders (representation `float64`). */
export interface EnumDescriptor {
  readonly oid: number;
  readonly arrayOid: number;
  readonly schemaOid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly ownerOid: number;
  /** Ascending by `sortOrder`. */
  readonly labels: readonly EnumLabel[];
  /** Grows with each ALTER TYPE. */
  readonly version: number;
  /** The type with these labels. Tables that use it get new versions when it changes. */
  readonly type: TypeDefinition;
}
