import type { DeleteStatement, InsertStatement, UpdateStatement } from './data-modification-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Located, RelationName } from './located.ts';
import type { Query } from './query-ast.ts';

/** COPY relation (columns) FROM …, COPY relation (columns) TO …, COPY (query) TO …. */
export interface CopyStatement extends Located {
  readonly kind: 'copy';
  readonly isFrom: boolean;
  readonly source:
    | { readonly kind: 'table'; readonly relation: RelationName; readonly columns: readonly string[] | undefined }
    | { readonly kind: 'query'; readonly query: Query | InsertStatement | UpdateStatement | DeleteStatement };
  /** Where the data comes from or goes to. */
  readonly place: CopyPlaceSyntax;
  readonly options: readonly CopyOptionSyntax[];
  readonly where: SyntaxExpression | undefined;
}

export type CopyPlaceSyntax =
  /** STDIN, STDOUT: the client. */
  { readonly kind: 'client' } | { readonly kind: 'file'; readonly path: string } | { readonly kind: 'program' };

export interface CopyOptionSyntax extends Located {
  readonly name: string;
  readonly value:
    | { readonly kind: 'text'; readonly text: string; readonly isNumber: boolean }
    | { readonly kind: 'list'; readonly items: readonly string[] }
    | { readonly kind: 'star' }
    | undefined;
}
