/** PRIMARY KEY or UNIQUE of a plain table; the index of that OID holds its columns and keeps it. */
export interface KeyConstraint {
  readonly kind: 'key';
  readonly oid: number;
  readonly name: string;
  readonly isPrimary: boolean;
  readonly indexOid: number;
  readonly columnNumbers: readonly number[];
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

/** FOREIGN KEY: `columnNumbers[i]` refers to `referencedColumnNumbers[i]`, which together have a unique index. */
export interface ForeignKeyConstraint {
  readonly kind: 'foreign-key';
  readonly oid: number;
  readonly name: string;
  readonly columnNumbers: readonly number[];
  readonly referencedTableOid: number;
  readonly referencedColumnNumbers: readonly number[];
  readonly referencedIndexOid: number;
  readonly match: 'simple' | 'full';
  readonly onUpdate: ReferentialAction;
  readonly onDelete: ReferentialAction;
  /** The columns of ON DELETE SET NULL (a, b) and SET DEFAULT (a, b); empty: all of them. */
  readonly deleteSetColumnNumbers: readonly number[];
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
  /** False: rows that were there before have not been checked (NOT VALID). */
  readonly isValidated: boolean;
}

/** CHECK. The expression is kept as SQL in PostgreSQL's own form, as pg_get_expr prints it, and is bound anew. */
export interface CheckConstraint {
  readonly kind: 'check';
  readonly oid: number;
  readonly name: string;
  readonly expression: string;
  readonly columnNumbers: readonly number[];
  readonly isValidated: boolean;
  /** NO INHERIT: says nothing as long as no table inherits from another, but is shown. */
  readonly isNoInherit?: boolean;
}

export type ConstraintDescriptor = KeyConstraint | ForeignKeyConstraint | CheckConstraint;
