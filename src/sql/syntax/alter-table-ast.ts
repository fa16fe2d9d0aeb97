import type { SequenceOptionSyntax } from './definition-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Located, RelationName, TypeSyntax } from './located.ts';
import type { RoleSyntax } from './role-ast.ts';
import type {
  CollationSyntax,
  ColumnDefinitionSyntax,
  Deferrability,
  Persistence,
  TableConstraintSyntax,
} from './table-definition-ast.ts';

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
