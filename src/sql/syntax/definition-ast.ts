import type { AlterTableStatement, RelationKind } from './alter-table-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Located, RelationName, TypeSyntax } from './located.ts';
import type { Query } from './query-ast.ts';
import type { RoleStatement, RoleSyntax } from './role-ast.ts';
import type { CreateTableStatement, Persistence } from './table-definition-ast.ts';

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
