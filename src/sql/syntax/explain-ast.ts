import type { DeleteStatement, InsertStatement, UpdateStatement } from './data-modification-ast.ts';
import type { Located } from './located.ts';
import type { Query } from './query-ast.ts';
import type { ExecuteStatement } from './session-ast.ts';
import type { CreateTableAsStatement } from './table-definition-ast.ts';

export interface ExplainStatement extends Located {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly options: ExplainOptions;
  readonly statement:
    | Query
    | InsertStatement
    | UpdateStatement
    | DeleteStatement
    | ExecuteStatement
    | CreateTableAsStatement;
}

export interface ExplainOptions {
  readonly isVerbose: boolean;
  readonly costs: boolean;
  readonly settings: boolean;
  readonly buffers: boolean;
  readonly timing: boolean;
  /** How long planning and running took. */
  readonly summary: boolean;
  readonly format: 'text' | 'json' | 'yaml' | 'xml';
}
