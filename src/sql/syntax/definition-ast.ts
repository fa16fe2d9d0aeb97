import type { Located, Query, RelationName, SyntaxExpression, TypeSyntax } from './ast.ts';
import type { RoleStatement } from './role-ast.ts';

/** CREATE, ALTER and DROP of schemas, tables, indexes, sequences and types, and COMMENT ON. */
export type DefinitionStatement =
  | CreateSchemaStatement
  | SetSchemaStatement
  | CommentStatement
  | CreateTableStatement
  | AlterTableStatement
  | CreateIndexStatement
  | CreateSequenceStatement
  | AlterSequenceStatement
  | CreateEnumStatement
  | AddEnumValueStatement
  | RenameEnumValueStatement
  | RenameStatement
  | ChangeOwnerStatement
  | DropStatement
  | CreateViewStatement
  | AlterViewStatement
  | CreateExtensionStatement
  | AlterExtensionStatement
  | RoleStatement;

export type Persistence = 'permanent' | 'unlogged' | 'temporary';

// ---------------------------------------------------------------- columns and constraints

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

// ---------------------------------------------------------------- tables

/** WITH (namespace.name = value); `value` undefined when only the name was written. */
export interface TableOptionSyntax extends Located {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly value: string | undefined;
}

/** CREATE [OR REPLACE] VIEW name (columns) AS query. */
export interface CreateViewStatement extends Located {
  readonly kind: 'create-view';
  readonly relation: RelationName;
  readonly isTemporary: boolean;
  readonly isReplacing: boolean;
  /** Names for the first of the query's columns. */
  readonly columns: readonly string[];
  readonly query: Query;
  readonly checkOption: 'local' | 'cascaded' | undefined;
}

export interface AlterViewStatement extends Located {
  readonly kind: 'alter-view';
  readonly relation: RelationName;
  readonly ifExists: boolean;
  readonly action: AlterViewAction;
}

export type AlterViewAction =
  | { readonly kind: 'rename'; readonly newName: string }
  | { readonly kind: 'rename-column'; readonly column: string; readonly newName: string }
  | { readonly kind: 'set-schema'; readonly schema: string }
  | { readonly kind: 'set-owner'; readonly owner: RoleSyntax }
  /** `expression` undefined: DROP DEFAULT. */
  | { readonly kind: 'set-default'; readonly column: string; readonly expression: SyntaxExpression | undefined };

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
export interface LikeSyntax extends Located {
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
  readonly likes: readonly LikeSyntax[];
  /** Those that stand beside the columns. */
  readonly constraints: readonly TableConstraintSyntax[];
  readonly options: readonly TableOptionSyntax[];
}

/** What kind of relation a statement calls its object: ALTER TABLE may name a sequence, ALTER SEQUENCE no table. */
export type RelationKind = 'table' | 'index' | 'sequence' | 'view';

export interface AlterTableStatement extends Located {
  readonly kind: 'alter-table';
  readonly relationKind: RelationKind;
  readonly relation: RelationName;
  readonly ifExists: boolean;
  readonly actions: readonly AlterTableAction[];
}

export type AlterTableAction =
  | { readonly kind: 'add-column'; readonly column: ColumnDefinitionSyntax; readonly ifNotExists: boolean }
  | { readonly kind: 'drop-column'; readonly name: string; readonly ifExists: boolean; readonly isCascade: boolean }
  | SetTypeAction
  | { readonly kind: 'set-not-null' | 'drop-not-null'; readonly column: string }
  | { readonly kind: 'set-default'; readonly column: string; readonly expression: SyntaxExpression }
  | { readonly kind: 'drop-default'; readonly column: string }
  | {
      readonly kind: 'add-identity';
      readonly column: string;
      readonly mode: 'always' | 'by default';
      readonly options: readonly SequenceOptionSyntax[];
    }
  | {
      readonly kind: 'set-identity';
      readonly column: string;
      /** undefined: stays as it is. */
      readonly mode: 'always' | 'by default' | undefined;
      readonly options: readonly SequenceOptionSyntax[];
    }
  | { readonly kind: 'drop-identity'; readonly column: string; readonly ifExists: boolean }
  | { readonly kind: 'drop-expression'; readonly column: string; readonly ifExists: boolean }
  | { readonly kind: 'add-constraint'; readonly constraint: TableConstraintSyntax }
  | { readonly kind: 'drop-constraint'; readonly name: string; readonly ifExists: boolean; readonly isCascade: boolean }
  | ({ readonly kind: 'alter-constraint'; readonly name: string } & Deferrability)
  | { readonly kind: 'validate-constraint'; readonly name: string }
  | { readonly kind: 'change-owner'; readonly owner: RoleSyntax }
  | { readonly kind: 'set-persistence'; readonly persistence: Exclude<Persistence, 'temporary'> };

export interface SetTypeAction extends Located {
  readonly kind: 'set-type';
  readonly column: string;
  readonly type: TypeSyntax;
  readonly collation: CollationSyntax | undefined;
  readonly using: SyntaxExpression | undefined;
}

/** A role: by name, the current one, that of the session, or everybody. */
export interface RoleSyntax extends Located {
  readonly kind: 'named' | 'current' | 'session' | 'public';
  /** undefined unless it is named. */
  readonly name: string | undefined;
}

// ---------------------------------------------------------------- indexes

export interface IndexColumnSyntax {
  readonly name: string;
  readonly isDescending: boolean;
  readonly nulls: 'first' | 'last' | 'default';
  /** undefined: none written. */
  readonly collation: string | undefined;
  /** `[schema.]name`; empty: none written. */
  readonly operatorClass: readonly string[];
}

export interface CreateIndexStatement extends Located {
  readonly kind: 'create-index';
  /** undefined: to be chosen. */
  readonly name: string | undefined;
  readonly relation: RelationName;
  readonly method: string;
  readonly columns: readonly IndexColumnSyntax[];
  /** INCLUDE. */
  readonly included: readonly string[];
  readonly where: SyntaxExpression | undefined;
  readonly isUnique: boolean;
  readonly nullsNotDistinct: boolean;
  /** Not inside a transaction block; otherwise as any other index. */
  readonly isConcurrent: boolean;
  readonly ifNotExists: boolean;
}

// ---------------------------------------------------------------- sequences

/** `value`: decimal digits with a minus sign where one was written. */
export type SequenceOptionSyntax = Located &
  (
    | { readonly name: 'as'; readonly type: TypeSyntax }
    | { readonly name: 'increment' | 'start' | 'cache'; readonly value: string }
    /** undefined: NO MINVALUE, NO MAXVALUE; RESTART without a value. */
    | { readonly name: 'minvalue' | 'maxvalue' | 'restart'; readonly value: string | undefined }
    | { readonly name: 'cycle'; readonly isCycled: boolean }
    /** `[[schema.]table.]column`, or the one word none. */
    | { readonly name: 'owned_by'; readonly parts: readonly string[] }
    /** SEQUENCE NAME of an identity column. */
    | { readonly name: 'sequence_name'; readonly sequence: RelationName }
  );

export interface CreateSequenceStatement extends Located {
  readonly kind: 'create-sequence';
  readonly relation: RelationName;
  readonly persistence: Persistence;
  readonly options: readonly SequenceOptionSyntax[];
  readonly ifNotExists: boolean;
}

export interface AlterSequenceStatement extends Located {
  readonly kind: 'alter-sequence';
  readonly relation: RelationName;
  readonly options: readonly SequenceOptionSyntax[];
  readonly ifExists: boolean;
}

// ---------------------------------------------------------------- types

export interface CreateEnumStatement extends Located {
  readonly kind: 'create-enum';
  readonly type: RelationName;
  readonly labels: readonly string[];
}

export interface AddEnumValueStatement extends Located {
  readonly kind: 'add-enum-value';
  readonly type: RelationName;
  readonly label: string;
  /** undefined: at the end. */
  readonly neighbour: { readonly label: string; readonly isAfter: boolean } | undefined;
  readonly ifNotExists: boolean;
}

export interface RenameEnumValueStatement extends Located {
  readonly kind: 'rename-enum-value';
  readonly type: RelationName;
  readonly label: string;
  readonly newLabel: string;
}

// ---------------------------------------------------------------- all of them

export interface RenameStatement extends Located {
  readonly kind: 'rename';
  readonly object: RelationKind | 'type' | 'schema' | 'column' | 'constraint';
  /** The relation, type or schema, or the table of the column or constraint. */
  readonly relation: RelationName;
  /** The column or constraint. */
  readonly part: string | undefined;
  readonly newName: string;
  readonly ifExists: boolean;
}

/** ALTER TYPE, SCHEMA and DATABASE … OWNER TO; of a relation it is an action of ALTER TABLE. */
export interface ChangeOwnerStatement extends Located {
  readonly kind: 'change-owner';
  readonly object: 'type' | 'schema' | 'database';
  readonly name: RelationName;
  readonly owner: RoleSyntax;
}

export interface DropStatement extends Located {
  readonly kind: 'drop';
  readonly object: RelationKind | 'type' | 'schema' | 'extension';
  /** Of a schema or an extension the name alone. */
  readonly names: readonly RelationName[];
  readonly ifExists: boolean;
  readonly isCascade: boolean;
  readonly isConcurrent: boolean;
}

// ---------------------------------------------------------------- schemas

export interface CreateSchemaStatement extends Located {
  readonly kind: 'create-schema';
  /** undefined: that of its owner. */
  readonly name: string | undefined;
  /** AUTHORIZATION; undefined: who runs the statement. */
  readonly owner: RoleSyntax | undefined;
  readonly ifNotExists: boolean;
  /** What is made in it, in the order in which it is made. */
  readonly elements: readonly SchemaElement[];
}

export type SchemaElement = CreateTableStatement | CreateIndexStatement | CreateSequenceStatement | CreateViewStatement;

/** ALTER … SET SCHEMA. */
export interface SetSchemaStatement extends Located {
  readonly kind: 'set-schema';
  readonly object: RelationKind | 'type';
  readonly name: RelationName;
  readonly schema: string;
  readonly ifExists: boolean;
}

// ---------------------------------------------------------------- extensions

export interface CreateExtensionStatement extends Located {
  readonly kind: 'create-extension';
  readonly name: string;
  readonly ifNotExists: boolean;
  /** undefined: the first of the search path. */
  readonly schema: string | undefined;
  /** VERSION; undefined: the one that there is. */
  readonly release: string | undefined;
}

/** ALTER EXTENSION … UPDATE. */
export interface AlterExtensionStatement extends Located {
  readonly kind: 'alter-extension';
  readonly name: string;
  readonly release: string | undefined;
}

// ---------------------------------------------------------------- comments

export interface CommentStatement extends Located {
  readonly kind: 'comment';
  readonly object: RelationKind | 'type' | 'schema' | 'column' | 'constraint' | 'role' | 'database' | 'extension';
  /** The object, or the table of the column or constraint. */
  readonly name: RelationName;
  /** The column or constraint. */
  readonly part: string | undefined;
  /** undefined: NULL, which removes it. */
  readonly text: string | undefined;
}
