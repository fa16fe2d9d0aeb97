import type { CopyStatement } from './copy-ast.ts';
import type { DeleteStatement, InsertStatement, TruncateStatement, UpdateStatement } from './data-modification-ast.ts';
import type { DefinitionStatement } from './definition-ast.ts';
import type { ExplainStatement } from './explain-ast.ts';
import type { AnalyzeStatement, VacuumStatement } from './maintenance-ast.ts';
import type { SelectStatement, SetOperationStatement } from './query-ast.ts';
import type {
  CloseCursorStatement,
  DeallocateStatement,
  DeclareCursorStatement,
  DiscardStatement,
  ExecuteStatement,
  FetchStatement,
  ListenStatement,
  NotifyStatement,
  PrepareStatement,
  SetStatement,
  ShowStatement,
  UnlistenStatement,
} from './session-ast.ts';
import type { CreateTableAsStatement } from './table-definition-ast.ts';
import type {
  LockStatement,
  SavepointStatement,
  SetConstraintsStatement,
  SetTransactionStatement,
  TransactionStatement,
} from './transaction-ast.ts';

/**
 * Our own tree of a statement: small, read-only, keyed by `kind`. `sql/syntax` makes it from libpg-query's tree; nothing
 * above knows the library. A construct that has no node was refused with 0A000 while converting. Every node says where it
 * stands (`Located`).
 */
export type Statement =
  | SelectStatement
  | SetOperationStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | TruncateStatement
  | LockStatement
  | VacuumStatement
  | AnalyzeStatement
  | DefinitionStatement
  | CreateTableAsStatement
  | SetConstraintsStatement
  | SetStatement
  | SetTransactionStatement
  | ShowStatement
  | TransactionStatement
  | SavepointStatement
  | ExplainStatement
  | PrepareStatement
  | ExecuteStatement
  | DeallocateStatement
  | DiscardStatement
  | CopyStatement
  | DeclareCursorStatement
  | FetchStatement
  | CloseCursorStatement
  | ListenStatement
  | UnlistenStatement
  | NotifyStatement;
