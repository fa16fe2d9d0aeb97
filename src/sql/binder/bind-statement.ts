import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type {
  ExplainStatement,
  RelationName,
  Statement,
  TransactionModesSyntax,
  TruncateStatement,
  VacuumStatement,
} from '../syntax/ast.ts';
import type { BindContext } from './bind-context.ts';
import { bindDelete } from './bind-delete.ts';
import { bindInsert } from './bind-insert.ts';
import { bindSelect } from './bind-select.ts';
import { bindShowTables } from './bind-show-tables.ts';
import { bindUpdate } from './bind-update.ts';
import type {
  BoundModification,
  BoundQuery,
  BoundStatement,
  BoundTransaction,
  BoundTruncate,
  BoundVacuum,
} from './bound-statement.ts';
import { findTable, nameAsWritten } from './find-table.ts';
import { StatementBinding, stackDepthExceeded } from './statement-binding.ts';

/** A statement with every name and type resolved. */
export interface Binding {
  readonly bound: BoundStatement;
  /** The types of `$1`, `$2` …, declared or inferred. */
  readonly parameterTypes: readonly TypeDefinition[];
  /** False when the same text may mean something else the next moment, although no table changed. */
  readonly isCacheable: boolean;
}

/** Binds against the catalog and settings in `context`. Throws `SqlError` as PostgreSQL's parse analysis does. */
export function bindStatement(statement: Statement, context: BindContext): Binding {
  const binding = new StatementBinding(context);
  try {
    const bound = bind(binding, statement);
    return { bound, parameterTypes: binding.parameters.finish(), isCacheable: binding.isCacheable };
  } catch (error) {
    // The depth is counted; should a walk need more stack than was reckoned with, it is the statement all the same.
    if (error instanceof RangeError && error.message.includes('call stack')) throw stackDepthExceeded();
    throw error;
  }
}

function bind(binding: StatementBinding, statement: Statement): BoundStatement {
  switch (statement.kind) {
    case 'select':
    case 'insert':
    case 'update':
    case 'delete':
      return bindPlanned(binding, statement);
    case 'truncate':
      return bindTruncate(binding, statement);
    case 'vacuum':
      return bindVacuum(binding, statement);
    case 'create-table':
    case 'alter-table':
    case 'create-index':
    case 'create-sequence':
    case 'alter-sequence':
    case 'create-enum':
    case 'add-enum-value':
    case 'rename-enum-value':
    case 'rename':
    case 'change-type-owner':
    case 'drop':
      return { kind: 'definition', statement };
    case 'set-constraints':
      return { kind: 'set-constraints', names: statement.names, isDeferred: statement.isDeferred };
    case 'set':
      return {
        kind: 'set',
        name: statement.name,
        value: statement.value,
        isLocal: statement.isLocal,
        ...(statement.isReset === true ? { isReset: true } : {}),
      };
    case 'show':
      if (statement.name === 'tables' || statement.name === 'measurements') {
        return { kind: 'query', plan: bindShowTables(binding, statement.name) };
      }
      return { kind: 'show', name: statement.name };
    case 'transaction':
      return {
        kind: 'transaction',
        action: statement.action,
        tag: statement.tag,
        ...bindModes(statement, statement.position),
      };
    case 'set-transaction':
      return { kind: 'set-transaction', target: statement.target, ...bindModes(statement, statement.position) };
    case 'savepoint':
      return { kind: 'savepoint', action: statement.action, name: statement.name };
    case 'explain':
      return { kind: 'explain', analyze: statement.analyze, statement: bindPlanned(binding, statement.statement) };
    case 'deallocate':
      return { kind: 'deallocate', name: statement.name };
    case 'discard':
      return { kind: 'discard', target: statement.target };
    case 'unlisten':
      return { kind: 'unlisten' };
    default:
      return unreachable(statement);
  }
}

/** What has a plan, and can be explained. */
function bindPlanned(
  binding: StatementBinding,
  statement: ExplainStatement['statement'],
): BoundQuery | BoundModification {
  switch (statement.kind) {
    case 'select':
      return { kind: 'query', plan: bindSelect(binding, statement) };
    case 'insert':
      return bindInsert(binding, statement);
    case 'update':
      return bindUpdate(binding, statement);
    case 'delete':
      return bindDelete(binding, statement);
    default:
      return unreachable(statement);
  }
}

function bindVacuum(binding: StatementBinding, { relations, isFull, isVerbose }: VacuumStatement): BoundVacuum {
  const tables = relations.map((relation): TableDescriptor => {
    const table = findTable(binding.context, relation);
    if (table === undefined) throw notFound(binding, relation, `relation "${nameAsWritten(relation)}" does not exist`);
    return table;
  });
  return { kind: 'vacuum', isFull, isVerbose, tables: tables.length === 0 ? undefined : tables };
}

/** The names' positions are left out of errors, as for any command that is not planned. */
function bindTruncate(
  binding: StatementBinding,
  { relations, restartsIdentity, isCascade }: TruncateStatement,
): BoundTruncate {
  const tables = new Set<TableDescriptor>();
  for (const relation of relations) {
    const table = findTable(binding.context, relation);
    if (table === undefined) throw notFound(binding, relation, `relation "${nameAsWritten(relation)}" does not exist`);
    if (table.kind === 'system-table') {
      throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
    }
    tables.add(table);
  }
  return { kind: 'truncate', tables: [...tables], restartsIdentity, isCascade };
}

function notFound(binding: StatementBinding, { schema }: RelationName, message: string): SqlError {
  if (schema !== undefined && binding.context.catalog.schema(schema) === undefined) {
    return new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  return new SqlError(SqlState.UndefinedTable, message);
}

function bindModes(
  { isolation, isReadOnly }: TransactionModesSyntax,
  position: number,
): Pick<BoundTransaction, 'isolation' | 'isReadOnly'> {
  if (isolation === 'serializable') {
    throw notSupported('SERIALIZABLE isolation', position, 'Use REPEATABLE READ.');
  }
  return { isolation, isReadOnly };
}
