import type { TypeDefinition } from '../types/type-definition.ts';
import type { Int64 } from '../types/value.ts';

/** A column that a sequence goes with: dropped together. */
export interface SequenceOwner {
  readonly tableOid: number;
  readonly columnNumber: number;
  /** 'identity': the sequence is part of the column and cannot be dropped on its own. */
  readonly kind: 'owned' | 'identity';
}

/** The definition of a sequence. How far it has counted is not part of it: that does not follow transactions. */
export interface SequenceDescriptor {
  readonly oid: number;
  readonly schemaOid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly ownerOid: number;
  /** smallint, integer or bigint. */
  readonly type: TypeDefinition;
  readonly start: Int64;
  readonly increment: Int64;
  readonly min: Int64;
  readonly max: Int64;
  readonly cache: Int64;
  readonly isCycled: boolean;
  readonly owner: SequenceOwner | undefined;
  /** Gone with its session, or when the server starts. */
  readonly isTemporary?: boolean;
  /** Grows with each ALTER SEQUENCE. */
  readonly version: number;
}

/** pg_sequence's last_value and is_called. */
export interface SequenceState {
  readonly lastValue: Int64;
  readonly isCalled: boolean;
}
