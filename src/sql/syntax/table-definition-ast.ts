import type { SequenceOptionSyntax } from './definition-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Located, RelationName, TypeSyntax } from './located.ts';
import type { Query } from './query-ast.ts';

export type Persistence = 'permanent' | 'unlogged' | 'temporary';

/** COLLATE, one of those that order by bytes. */
export interface CollationSyntax extends Located {
  readonly name: string;
}

export interface ColumnDefinitionSyntax extends Located {
  readonly name: string;
  readonly type: TypeSyntax;
  readonly collation: CollationSyntax | undefined;
  /** In the order in which they were written; keys and foreign keys name this column. */
  readonly constraints: readonly ColumnConstraintSyntax[];
}

export type ColumnConstraintSyntax =
  | NullabilitySyntax
  | DefaultConstraintSyntax
  | IdentitySyntax
  | GenerationSyntax
  | TableConstraintSyntax;

export type TableConstraintSyntax = CheckSyntax | KeySyntax | ForeignKeySyntax;

/** NULL and NOT NULL. A name that it is given means nothing in PostgreSQL 15. */
export interface NullabilitySyntax extends Located {
  readonly kind: 'null' | 'not-null';
}

export interface DefaultConstraintSyntax extends Located {
  readonly kind: 'default';
  readonly expression: SyntaxExpression;
}

/** GENERATED … AS IDENTITY (options). */
export interface IdentitySyntax extends Located {
  readonly kind: 'identity';
  readonly mode: 'always' | 'by default';
  readonly options: readonly SequenceOptionSyntax[];
}

/** GENERATED ALWAYS AS (…) STORED. */
export interface GenerationSyntax extends Located {
  readonly kind: 'generated';
  readonly expression: SyntaxExpression;
}

interface NamedConstraint extends Located {
  /** undefined: to be chosen. */
  readonly name: string | undefined;
}

export interface CheckSyntax extends NamedConstraint {
  readonly kind: 'check';
  readonly expression: SyntaxExpression;
  readonly isNotValid: boolean;
  /** NO INHERIT: tables that inherit from this one would not have it. */
  readonly isNoInherit: boolean;
}

export interface Deferrability {
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
}

export interface KeySyntax extends NamedConstraint, Deferrability {
  readonly kind: 'key';
  readonly isPrimary: boolean;
  readonly columns: readonly string[];
  readonly nullsNotDistinct: boolean;
  /** PRIMARY KEY USING INDEX: then there are no columns. */
  readonly usingIndex: string | undefined;
}

export type ReferentialActionSyntax = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

export interface ForeignKeySyntax extends NamedConstraint, Deferrability {
  readonly kind: 'foreign-key';
  readonly columns: readonly string[];
  readonly referenced: RelationName;
  /** Empty: the primary key. */
  readonly referencedColumns: readonly string[];
  readonly match: 'simple' | 'full';
  readonly onUpdate: ReferentialActionSyntax;
  readonly onDelete: ReferentialActionSyntax;
  /** ON DELETE SET NULL (a, b); empty: all. */
  readonly deleteSetColumns: readonly string[];
  readonly isNotValid: boolean;
}

/** WITH (namespace.name = value); `value` undefined when only the name was written. */
export interface TableOptionSyntax extends Located {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly value: string | undefined;
}

/** CREATE TABLE … AS query, SELECT … INTO. */
export interface CreateTableAsStatement extends Located {
  readonly kind: 'create-table-as';
  readonly relation: RelationName;
  readonly persistence: Persistence;
  readonly onCommit: OnCommit | undefined;
  readonly ifNotExists: boolean;
  readonly isSelectInto: boolean;
  /** Names for the first of the query's columns. */
  readonly columns: readonly string[];
  readonly options: readonly TableOptionSyntax[];
  readonly query: Query;
  /** WITH NO DATA leaves the table empty. */
  readonly withData: boolean;
}

/** LIKE among the columns of CREATE TABLE. */
export interface TableLikeSyntax extends Located {
  readonly relation: RelationName;
  readonly includes: ReadonlySet<'comments' | 'constraints' | 'defaults' | 'generated' | 'identity' | 'indexes'>;
  /** How many columns were written before it. */
  readonly before: number;
}

export type OnCommit = 'preserve rows' | 'delete rows' | 'drop';

export interface CreateTableStatement extends Located {
  readonly kind: 'create-table';
  readonly relation: RelationName;
  readonly persistence: Persistence;
  /** What the end of a transaction does to a temporary table; undefined: nothing was said. */
  readonly onCommit: OnCommit | undefined;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinitionSyntax[];
  readonly likes: readonly TableLikeSyntax[];
  /** Those that stand beside the columns. */
  readonly constraints: readonly TableConstraintSyntax[];
  readonly options: readonly TableOptionSyntax[];
}
