import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { JoinNode, LogicalPlan, OutputColumn, ScanNode } from '../plan/logical-plan.ts';
import type { Alias, FromFunction, FromItem, FromSubquery, FromTable } from '../syntax/ast.ts';
import { readsColumns } from './aggregate-collector.ts';
import { bindOperand } from './bind-expression.ts';
import { resolveCall } from './bind-function-call.ts';
import { bindJoin } from './bind-join.ts';
import { bindSelect } from './bind-select.ts';
import type { ExpressionContext } from './expression-context.ts';
import { requireTable } from './find-table.ts';
import { emptyScope, joinScopes, type Relation, type Scope, type ScopeColumn, scopeOf, shiftScope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

const MAX_JOINED_COLUMNS = 16_384;

/** Rows, and the names by which their columns can be referred to. */
export interface BoundFrom {
  readonly plan: LogicalPlan;
  readonly scope: Scope;
}

/**
 * A FROM clause; without items, one row of no columns. A comma is a cross join. `written` is the table of an UPDATE or
 * DELETE, which stands before the items without being visible to them.
 */
export function bindFrom(binding: StatementBinding, items: readonly FromItem[], written?: BoundFrom): BoundFrom {
  // A list of tables becomes joins within joins, as deep as the list is long.
  return binding.deeper(items.length, () => {
    let bound = written;
    for (const item of items) {
      const siblings = bound?.scope ?? emptyScope;
      const next = bindFromItem(binding, item, siblings.relations);
      bound = bound === undefined ? next : crossJoin(bound, next);
    }
    return bound ?? { plan: { kind: 'values', rows: [[]], output: [] }, scope: emptyScope };
  });
}

/** One item. `siblings` stand to its left: not visible to it, but known to messages. */
export function bindFromItem(binding: StatementBinding, item: FromItem, siblings: readonly Relation[]): BoundFrom {
  switch (item.kind) {
    case 'table':
      return bindTable(binding, item);
    case 'subquery':
      return bindSubquery(binding, item, siblings);
    case 'function':
      return bindFunction(binding, item, siblings);
    case 'join':
      return binding.deeper(1, () => bindJoin(binding, item, siblings));
  }
}

export function crossJoin(left: BoundFrom, right: BoundFrom): BoundFrom {
  return {
    plan: joinNode('inner', left.plan, right.plan, undefined),
    scope: joinScopes(left.scope, besides(left, right)),
  };
}

/** Throws 54011 when the joined rows would be wider than anyone means. */
export function joinNode(
  type: JoinNode['type'],
  left: LogicalPlan,
  right: LogicalPlan,
  condition: Expression | undefined,
): JoinNode {
  const output = [...left.output, ...right.output];
  if (output.length > MAX_JOINED_COLUMNS) {
    throw new SqlError(SqlState.TooManyColumns, `joined tables can have at most ${MAX_JOINED_COLUMNS} columns`);
  }
  return { kind: 'join', type, left, right, equalities: [], condition, output };
}

/** The right side's names over the joined rows. Throws 42712 when both sides have a table of one name. */
export function besides(left: BoundFrom, right: BoundFrom): Scope {
  for (const relation of right.scope.relations) {
    const isTaken = left.scope.relations.some(
      (other) =>
        other.name === relation.name &&
        // The same name in two schemas is two names, unless an alias hides the schema.
        (other.isAliased || relation.isAliased || other.table?.oid === relation.table?.oid),
    );
    if (isTaken) {
      throw new SqlError(SqlState.DuplicateAlias, `table name "${relation.name}" specified more than once`);
    }
  }
  return shiftScope(right.scope, left.plan.output.length);
}

export function bindTable(binding: StatementBinding, item: FromTable): BoundFrom {
  const table = requireTable(binding.context, item.relation);
  const plan: ScanNode = {
    kind: 'scan',
    table,
    columns: table.columns.map((_, at) => at),
    timeBounds: [],
    tagFilters: [],
    filters: [],
    output: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      tableOid: table.oid,
      columnNumber: column.number,
    })),
  };
  const isHidden = table.columns.map((column) => column.isHidden === true);
  const relation = relationOver(plan, { name: table.name, alias: item.alias, isHidden, item });
  return { plan, scope: scopeOf({ ...relation, table }) };
}

/** The table whose rows a statement changes. */
export function bindTarget(binding: StatementBinding, item: FromTable): BoundFrom {
  const { plan, scope } = bindTable(binding, item);
  return plan.kind === 'scan' ? { plan: { ...plan, isTarget: true }, scope } : { plan, scope };
}

function bindSubquery(binding: StatementBinding, item: FromSubquery, siblings: readonly Relation[]): BoundFrom {
  const plan = binding.deeper(1, () => bindSelect(binding, item.query, { outside: siblings }));
  const relation = relationOver(plan, { name: 'unnamed_subquery', alias: item.alias, isHidden: [], item });
  return { plan, scope: scopeOf(relation) };
}

/** A table function, or a scalar function as a table of one row. Its column is called after the alias. */
function bindFunction(binding: StatementBinding, item: FromFunction, siblings: readonly Relation[]): BoundFrom {
  const { call, alias } = item;
  const context: ExpressionContext = {
    binding,
    // The siblings are bound against, so that a reference to one is told from a misspelt name.
    scope: { relations: siblings, columns: siblings.flatMap((relation) => relation.columns), outside: [] },
    clause: 'functions in FROM',
    aggregates: undefined,
  };
  const operands = call.arguments.map((argument) => bindOperand(context, argument));
  for (const { expression, syntax } of operands) {
    if (readsColumns(expression)) throw notSupported('a LATERAL reference', syntax?.position);
  }
  if (call.schema !== undefined && call.schema !== 'pg_catalog') {
    throw notSupported(`function ${call.schema}.${call.name} in FROM`, call.position);
  }
  const resolved = resolveCall(binding, call.name, operands, call.position);
  const definition = resolved.function;
  if (definition.kind === 'aggregate') {
    throw new SqlError(SqlState.GroupingError, 'aggregate functions are not allowed in functions in FROM', {
      position: call.position,
    });
  }
  const columnName = alias?.name ?? (definition.kind === 'table' ? definition.columnName : call.name);
  const output: readonly OutputColumn[] = [{ name: columnName, type: resolved.type, tableOid: 0, columnNumber: 0 }];
  let plan: LogicalPlan;
  if (definition.kind === 'table') {
    plan = { kind: 'table-function', function: definition, arguments: resolved.arguments, output };
  } else {
    const value: Expression = {
      kind: 'call',
      function: definition,
      arguments: resolved.arguments,
      type: resolved.type,
      position: call.position,
    };
    plan = { kind: 'values', rows: [[value]], output };
  }
  const relation = relationOver(plan, { name: call.name, alias, isHidden: [], item });
  return { plan, scope: scopeOf(relation) };
}

interface RelationOptions {
  readonly name: string;
  readonly alias: Alias | undefined;
  readonly isHidden: readonly boolean[];
  readonly item: FromItem;
}

/** A plan's output under a name, its columns renamed as far as the alias lists names. */
function relationOver(plan: LogicalPlan, { name, alias, isHidden, item }: RelationOptions): Relation {
  const relationName = alias?.name ?? name;
  const names = alias?.columns ?? [];
  const shown = plan.output.filter((_, at) => isHidden[at] !== true);
  if (names.length > shown.length) {
    throw new SqlError(
      SqlState.InvalidColumnReference,
      `table "${relationName}" has ${shown.length} columns available but ${names.length} columns specified`,
    );
  }
  const columns = plan.output.map((column, index): ScopeColumn => {
    const place = isHidden[index] === true ? -1 : shown.indexOf(column);
    return {
      name: names[place] ?? column.name,
      expression: { kind: 'column', index, type: column.type },
      relationName,
      tableOid: column.tableOid,
      columnNumber: column.columnNumber,
      isHidden: isHidden[index] === true,
    };
  });
  return { name: relationName, table: undefined, isAliased: alias !== undefined || item.kind !== 'table', columns };
}
