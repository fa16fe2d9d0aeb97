import type { StoredView } from '../../catalog/catalog-object.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Statement } from '../syntax/ast.ts';
import type { TruncateStatement } from '../syntax/data-modification-ast.ts';
import type { ExplainStatement } from '../syntax/explain-ast.ts';
import type { RelationName } from '../syntax/located.ts';
import type { VacuumStatement } from '../syntax/maintenance-ast.ts';
import type { Query } from '../syntax/query-ast.ts';
import type { PrepareStatement, SetStatement } from '../syntax/session-ast.ts';
import type { CreateTableAsStatement } from '../syntax/table-definition-ast.ts';
import type { TransactionModesSyntax } from '../syntax/transaction-ast.ts';
import { bindAnalyze } from './bind-analyze.ts';
import type { BindContext } from './bind-context.ts';
import { bindCreateHypertable } from './bind-create-hypertable.ts';
import { bindDeclareCursor } from './bind-declare-cursor.ts';
import { bindExecute, bindPrepare } from './bind-execute.ts';
import { bindModification, isModification } from './bind-modification.ts';
import { bindQuery } from './bind-query.ts';
import type { SelectOptions } from './bind-select.ts';
import { bindShowTables } from './bind-show-tables.ts';
import type {
  BoundCreateTableAs,
  BoundExplain,
  BoundModification,
  BoundQuery,
  BoundStatement,
  BoundTransaction,
  BoundTruncate,
  BoundVacuum,
} from './bound-statement.ts';
import { findTable, findView, nameAsWritten } from './find-table.ts';
import type { RelationUse } from './relation-access.ts';
import { resolveType } from './resolve-type.ts';
import { StatementBinding, stackDepthExceeded } from './statement-binding.ts';

/** A statement with every name and type resolved. */
export interface Binding {
  readonly bound: BoundStatement;
  /** The types of `$1`, `$2` …, declared or inferred. */
  readonly parameterTypes: readonly TypeDefinition[];
  /** False when the same text may mean something else the next moment, although no table changed. */
  readonly isCacheable: boolean;
  /** True when any change of the catalog may give the text another meaning. */
  readonly isOfCatalog: boolean;
  /** The views that the statement reads. */
  readonly views: readonly StoredView[];
  /** What it does with the relations that it names, which takes rights. */
  readonly uses: readonly RelationUse[];
  /** Whether functions are called by their names: rights on them may be given or taken. */
  readonly callsFunctions: boolean;
}

/** Binds against the catalog and settings in `context`. Throws `SqlError` as PostgreSQL's parse analysis does. */
export function bindStatement(statement: Statement, context: BindContext): Binding {
  const binding = new StatementBinding(context);
  try {
    const bound = bind(binding, statement);
    return {
      bound,
      parameterTypes: binding.parameters.finish(),
      isCacheable: binding.isCacheable,
      isOfCatalog: binding.isOfCatalog,
      views: [...binding.views],
      uses: binding.uses,
      callsFunctions: binding.callsFunctions,
    };
  } catch (error) {
    // The depth is counted; should a walk need more stack than was reckoned with, it is the statement all the same.
    if (error instanceof RangeError && error.message.includes('call stack')) throw stackDepthExceeded();
    throw error;
  }
}

function bind(binding: StatementBinding, statement: Statement): BoundStatement {
  switch (statement.kind) {
    case 'select':
      return bindCreateHypertable(binding, statement) ?? bindPlanned(binding, statement);
    case 'set-operation':
    case 'insert':
    case 'update':
    case 'delete':
      return bindPlanned(binding, statement);
    case 'truncate':
      return bindTruncate(binding, statement);
    case 'lock':
      return { kind: 'lock', relations: statement.relations, mode: statement.mode, isNoWait: statement.isNoWait };
    case 'vacuum':
      return bindVacuum(binding, statement);
    case 'analyze':
      return bindAnalyze(statement, (relation) => maintainedTable(binding, relation));
    case 'create-table':
    case 'alter-table':
    case 'create-view':
    case 'alter-view':
    case 'create-index':
    case 'create-sequence':
    case 'alter-sequence':
    case 'create-enum':
    case 'add-enum-value':
    case 'rename-enum-value':
    case 'rename':
    case 'change-owner':
    case 'create-schema':
    case 'set-schema':
    case 'comment':
    case 'drop':
    case 'create-role':
    case 'alter-role':
    case 'rename-role':
    case 'drop-role':
    case 'grant-role':
    case 'grant':
    case 'default-privileges':
    case 'drop-owned':
    case 'reassign-owned':
    case 'create-database':
    case 'alter-database':
    case 'rename-database':
    case 'drop-database':
    case 'create-extension':
    case 'alter-extension':
      return { kind: 'definition', statement };
    case 'alter-settings': {
      const { value } = statement;
      const text = typeof value === 'object' ? intervalText(binding, value) : value;
      return { kind: 'definition', statement: { ...statement, value: text } };
    }
    case 'create-table-as':
      return bindTableAs(binding, statement);
    case 'set-constraints':
      return { kind: 'set-constraints', names: statement.names, isDeferred: statement.isDeferred };
    case 'set':
      return {
        kind: 'set',
        name: statement.name,
        value: statement.interval === undefined ? statement.value : intervalText(binding, statement.interval),
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
        chains: statement.chains,
        ...bindModes(statement),
      };
    case 'set-transaction':
      return { kind: 'set-transaction', target: statement.target, ...bindModes(statement) };
    case 'savepoint':
      return { kind: 'savepoint', action: statement.action, name: statement.name };
    case 'explain':
      return {
        kind: 'explain',
        analyze: statement.analyze,
        options: statement.options,
        statement: bindExplained(binding, statement.statement),
      };
    case 'prepare':
      return bindPrepare(binding, statement);
    case 'execute':
      return bindExecute(binding, statement);
    case 'deallocate':
      return { kind: 'deallocate', name: statement.name };
    case 'discard':
      return { kind: 'discard', target: statement.target };
    case 'declare-cursor':
      return bindDeclareCursor(binding, statement, (query, options) => bindTopQuery(binding, query, options));
    case 'fetch':
      // Which columns it gives is the business of whoever has the cursor just then.
      binding.forbidCaching();
      return { kind: 'utility', statement };
    case 'copy':
    case 'close-cursor':
    case 'listen':
    case 'unlisten':
    case 'notify':
      return { kind: 'utility', statement };
    default:
      return unreachable(statement);
  }
}

function bindExplained(binding: StatementBinding, statement: ExplainStatement['statement']): BoundExplain['statement'] {
  if (statement.kind === 'execute') return bindExecute(binding, statement);
  return statement.kind === 'create-table-as' ? bindTableAs(binding, statement) : bindPlanned(binding, statement);
}

function bindTableAs(binding: StatementBinding, statement: CreateTableAsStatement): BoundCreateTableAs {
  return { kind: 'create-table-as', statement, query: bindTopQuery(binding, statement.query) };
}

/** As the setting TimeZone reads it. */
function intervalText(binding: StatementBinding, { text, type }: NonNullable<SetStatement['interval']>): string {
  const { definition, typmod } = resolveType(binding, type);
  const value = definition.parse(text, binding.context.typeContext, typmod);
  return `INTERVAL '${definition.format(value, neutralContext)}'`;
}

/** What has a plan. */
function bindPlanned(
  binding: StatementBinding,
  statement: PrepareStatement['statement'],
): BoundQuery | BoundModification {
  if (!isModification(statement)) return bindTopQuery(binding, statement);
  const bound = bindModification(binding, statement, { isTop: true });
  return binding.statementTables.length === 0 ? bound : { ...bound, with: binding.statementTables };
}

function bindTopQuery(binding: StatementBinding, query: Query, options: SelectOptions = {}): BoundQuery {
  const plan = bindQuery(binding, query, { ...options, isTop: true });
  const { statementTables } = binding;
  return statementTables.length === 0 ? { kind: 'query', plan } : { kind: 'query', plan, with: statementTables };
}

function bindVacuum(
  binding: StatementBinding,
  { relations, isFull, isVerbose, analyze }: VacuumStatement,
): BoundVacuum {
  const tables = relations.map((relation) => maintainedTable(binding, relation));
  return {
    kind: 'vacuum',
    isFull,
    isVerbose,
    tables: tables.length === 0 ? undefined : tables,
    analyze: analyze && bindAnalyze(analyze, (relation) => maintainedTable(binding, relation)),
  };
}

/** The table that VACUUM or ANALYZE names. */
function maintainedTable(binding: StatementBinding, relation: RelationName): TableDescriptor {
  binding.requireUsage({ ...relation, position: 0 });
  const table = findTable(binding.context, relation);
  if (table !== undefined) return table;
  throw notFound(binding, relation, `relation "${nameAsWritten(relation)}" does not exist`);
}

/** The names' positions are left out of errors, as for any command that is not planned. */
function bindTruncate(
  binding: StatementBinding,
  { relations, restartsIdentity, isCascade }: TruncateStatement,
): BoundTruncate {
  const tables = new Set<TableDescriptor>();
  for (const relation of relations) {
    binding.requireUsage({ ...relation, position: 0 });
    const table = findTable(binding.context, relation);
    if (table === undefined) throw notFound(binding, relation, `relation "${nameAsWritten(relation)}" does not exist`);
    if (table.kind === 'system-table') {
      throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
    }
    tables.add(table);
  }
  return { kind: 'truncate', tables: [...tables], restartsIdentity, isCascade };
}

function notFound(binding: StatementBinding, relation: RelationName, message: string): SqlError {
  const { schema, name } = relation;
  if (findView(binding.context, relation) !== undefined) {
    return new SqlError(SqlState.WrongObjectType, `"${name}" is not a table`);
  }
  if (schema !== undefined && binding.context.catalog.schema(schema) === undefined) {
    return new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  return new SqlError(SqlState.UndefinedTable, message);
}

function bindModes({
  isolation,
  isReadOnly,
  isDeferrable,
}: TransactionModesSyntax): Pick<BoundTransaction, 'isolation' | 'isReadOnly' | 'isDeferrable'> {
  return { isolation, isReadOnly, isDeferrable };
}
